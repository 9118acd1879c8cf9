#include "bootstrap/settings/configuration.hpp"

#include <system_error>

namespace persona_runtime {
namespace {

constexpr std::size_t file_bytes_max = 1u << 20;
constexpr std::size_t key_file_bytes_max = 16 * 1024;

/// The file to read; empty: none.
std::string file_of(const configuration_request& request, const data_folder& data) {
  if (request.file)
    return *request.file;
  std::error_code ignored;
  const auto shipped = data.path / "runtime.yaml";
  return std::filesystem::exists(shipped, ignored) ? shipped.string() : std::string{};
}

result<model_catalog> read_catalog(const std::filesystem::path& path) {
  const auto text = read_file(path, file_bytes_max);
  if (!text)
    return text.error();
  return model_catalog::parse(*text, path.string());
}

}  // namespace

std::vector<config_problem> configuration::problems() const {
  auto all = loaded.problems;
  all.insert(all.end(), models.problems.begin(), models.problems.end());
  return all;
}

result<configuration> load_configuration(const configuration_request& request) {
  configuration out;
  out.request = request;
  auto data = find_data_folder(request.env.get("PERSONA_SHARE").value_or(""), request.program);
  if (!data)
    return data.error();
  out.data = std::move(*data);
  auto shipped = read_catalog(out.data.path / "models.yaml");
  if (!shipped)
    return shipped.error();
  out.catalog = std::move(*shipped);
  settings_input input{"", "", request.env};
  out.file = file_of(request, out.data);
  if (!out.file.empty()) {
    auto text = read_file(out.file, file_bytes_max);
    if (!text)
      return text.error();
    input.file_name = out.file;
    input.file_text = std::move(*text);
  }
  out.loaded = load_settings(input);
  if (const auto& path = out.loaded.values.model_table) {
    if (const auto own = read_catalog(*path)) {
      out.catalog = out.catalog.with(*own);
    } else {
      out.loaded.problems.push_back({out.loaded.source_of("model_table").value_or("model_table"),
                                     "model_table: " + own.error().detail});
    }
  }
  const auto read_key = [](const std::string& path) { return read_file(path, key_file_bytes_max); };
  out.models = build_models({out.loaded, request.env, out.catalog, read_key});
  return out;
}

environment environment_of(const char* const* block) {
  std::map<std::string, std::string> variables;
  for (; block != nullptr && *block != nullptr; ++block) {
    const std::string_view entry{*block};
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0)
      continue;
    variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment{variables};
}

std::filesystem::path running_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

}  // namespace persona_runtime
