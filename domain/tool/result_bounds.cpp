#include "domain/tool/result_bounds.hpp"

#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"

namespace persona_runtime {
namespace {

constexpr std::size_t metadata_value_bytes_max = 1024;

void bound_content(tool_result& result) {
  result.content = repaired_utf8(result.content);
  if (result.content.size() <= tool_result_bytes_max)
    return;
  const auto note = "\n[cut: the result had " + std::to_string(result.content.size())
                    + " bytes, of which the first 256 KiB are kept]";
  result.content =
    std::string{first_bytes(result.content, tool_result_bytes_max - note.size())} + note;
  result.truncated = true;
}

void bound_metadata(tool_result& result) {
  while (result.metadata.size() > tool_metadata_count_max)
    result.metadata.erase(std::prev(result.metadata.end()));
  for (auto& [key, value] : result.metadata)
    value = repaired_utf8(first_bytes(value, metadata_value_bytes_max));
}

}  // namespace

tool_result bounded(tool_result result) {
  bound_content(result);
  bound_metadata(result);
  if (result.data.size() > tool_data_bytes_max) {
    result.metadata["data_left_out"] = std::to_string(result.data.size()) + " bytes";
    result.data.clear();
    result.truncated = true;
  }
  if (result.artifacts.size() > tool_artifacts_max)
    result.artifacts.resize(tool_artifacts_max);
  return result;
}

tool_result error_result(std::string text) {
  auto result = tool_result{};
  result.content = std::move(text);
  result.is_error = true;
  return result;
}

}  // namespace persona_runtime
