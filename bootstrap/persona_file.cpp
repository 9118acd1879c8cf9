#include "bootstrap/persona_file.hpp"

#include "bootstrap/data_files.hpp"
#include "domain/yaml/yaml_tree.hpp"

#include <system_error>

namespace persona_runtime {
namespace {

persona_rejection whole_file(persona_fault fault, std::string text) {
  return {fault, {{0, "", std::move(text)}}};
}

}  // namespace

boost::system::result<persona_source, persona_rejection>
read_persona_file(const std::filesystem::path& file) {
  std::error_code error;
  auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status))
    return whole_file(persona_fault::not_found, "not found; check the path");
  if (!std::filesystem::is_regular_file(status))
    return whole_file(persona_fault::not_found, "is no regular file; name a persona document");
  constexpr auto bytes_max = yaml_limits{}.bytes_max;
  if (std::filesystem::file_size(file, error) > bytes_max && !error)
    return whole_file(persona_fault::invalid_yaml,
                      "larger than " + std::to_string(bytes_max / 1024) + " KiB");
  auto text = read_file(file, bytes_max);
  if (!text)
    return whole_file(persona_fault::not_found, text.error().detail);
  auto parsed = parse_persona_file(*text, file.native());
  if (!parsed)
    return parsed.error();
  return persona_source{std::move(*text), std::move(*parsed)};
}

persona_outcome load_persona_file(const std::filesystem::path& file) {
  auto read = read_persona_file(file);
  if (!read)
    return read.error();
  return std::move(read->persona);
}

}  // namespace persona_runtime
