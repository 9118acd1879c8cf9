#include "bootstrap/message_tables_file.hpp"

#include "bootstrap/data_files.hpp"

#include <string>
#include <utility>

namespace persona_runtime {
namespace {

constexpr std::size_t tables_bytes_max = 256u << 10;
constexpr std::size_t detail_bytes_max = 512;

std::filesystem::path path_of(const std::filesystem::path& folder, std::string_view name_or_file) {
  if (name_or_file.find('/') != std::string_view::npos || name_or_file.ends_with(".yaml"))
    return name_or_file;
  return folder / "routing" / (std::string{name_or_file} + ".yaml");
}

std::string described(const std::vector<problem>& problems, const std::string& file) {
  auto out = std::string{};
  for (const auto& p : problems)
    out.append(out.empty() ? "" : "\n").append(describe(p, file));
  return out.substr(0, detail_bytes_max);
}

}  // namespace

result<message_tables_ptr> load_message_tables(const std::filesystem::path& folder,
                                               std::string_view name_or_file) {
  const auto path = path_of(folder, name_or_file);
  const auto text = read_file(path, tables_bytes_max);
  if (!text)
    return text.error();
  auto tables = parse_message_tables(*text);
  if (!tables)
    return failure{errc::validation_error, described(tables.error(), path.string())};
  return std::make_shared<const message_tables>(std::move(*tables));
}

}  // namespace persona_runtime
