#include "domain/tool/audit.hpp"

#include "domain/text/shorten.hpp"

#include <utility>

namespace persona_runtime {
namespace {

constexpr auto value_bytes_max = std::size_t{1'024};

}  // namespace

std::optional<audit_entry> tool_audit_of(std::string_view tool, const tool_result& result) {
  const auto asked = result.metadata.find(std::string{audit_action_key});
  if (asked == result.metadata.end())
    return std::nullopt;
  const auto action = audit_action_of(asked->second);
  if (!action)
    return std::nullopt;
  auto entry = audit_entry{{audit_store::tool, *action, {}}, std::string{tool}};
  for (const auto& [key, value] : result.metadata) {
    if (key.starts_with(audit_key_prefix) && key != audit_action_key)
      entry.what.metadata[key.substr(audit_key_prefix.size())] = cut(value, value_bytes_max);
  }
  entry.what.metadata["tool_name"] = tool;
  entry.what.metadata["is_error"] = result.is_error ? "true" : "false";
  return entry;
}

memory_request audit_request(const memory_scope& talk, audit_entry entry, instant now) {
  auto request = memory_request{};
  request.place.scope = talk;
  request.author.source = memory_source::system;
  request.author.written_by = std::move(entry.written_by);
  request.author.at = now;
  request.change = std::move(entry.what);
  return request;
}

}  // namespace persona_runtime
