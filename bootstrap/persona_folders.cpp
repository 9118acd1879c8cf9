#include "bootstrap/persona_folders.hpp"

#include "bootstrap/persona_file.hpp"
#include "domain/persona/file_persona.hpp"

#include <algorithm>
#include <map>
#include <system_error>

namespace persona_runtime {
namespace {

constexpr auto default_owner = "local-owner";

bool is_persona_name(const std::filesystem::path& file) {
  const auto name = file.filename().native();
  return !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml"));
}

failure unusable(const std::string& folder, const std::string& why) {
  return {errc::validation_error, "personas.dirs: the folder " + folder + ": " + why};
}

result<std::vector<std::filesystem::path>> files_in(const std::string& folder, std::size_t most) {
  auto error = std::error_code{};
  auto entry = std::filesystem::directory_iterator{folder, error};
  auto out = std::vector<std::filesystem::path>{};
  for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
    if (is_persona_name(entry->path()))
      out.push_back(entry->path());
    if (out.size() > most)
      return unusable(folder, "with it there are more than " + std::to_string(persona_files_max)
                                + " persona files");
  }
  if (error)
    return unusable(folder, error.message());
  std::ranges::sort(out);
  return out;
}

class reading {
public:
  folder_reading out;

  void add(const std::filesystem::path& file) {
    auto read = read_persona_file(file);
    if (!read) {
      for (const auto& p : read.error().problems)
        out.warnings.push_back(describe(p, file.native()));
      return;
    }
    const auto& value = *read->persona.value;
    auto found = folder_persona{};
    found.file = file;
    found.owner = {value.owner.value_or(default_owner)};
    found.id = id_of_file_persona(found.owner, value.id.value_or(""));
    const auto [first, is_new] = files_.emplace(found.id, file.native());
    if (!is_new) {
      out.warnings.push_back(file.native() + ": left out: " + first->second + " is the persona "
                             + value.id.value_or("") + " already");
      return;
    }
    found.yaml = std::move(read->text);
    out.personas.push_back(std::move(found));
  }

private:
  std::map<persona_id, std::string> files_;
};

}  // namespace

result<folder_reading> read_persona_folders(std::span<const std::string> folders) {
  auto all = reading{};
  auto room = persona_files_max;
  for (const auto& folder : folders) {
    const auto files = files_in(folder, room);
    if (!files)
      return files.error();
    room -= files->size();
    for (const auto& file : *files)
      all.add(file);
  }
  return std::move(all.out);
}

}  // namespace persona_runtime
