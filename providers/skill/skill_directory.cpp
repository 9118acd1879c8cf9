#include "providers/skill/skill_directory.hpp"

#include "domain/skill/skill_file.hpp"
#include "domain/skill/skill_fit.hpp"
#include "domain/text/sha256.hpp"
#include "domain/text/utf8.hpp"
#include "domain/yaml/problem.hpp"
#include "providers/tools/sandbox.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace persona_runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_bytes_max = std::size_t{256} * 1024;
constexpr std::size_t skills_max = 1'000;
constexpr std::size_t supplements_max = 64;

struct file_text {
  std::string text;
  std::string problem;  // empty: it was read
};

file_text unreadable(std::string_view path, const std::string& why) {
  return {{}, std::string{path} + ": " + why};
}

file_text read_open(const unique_fd& file, std::string_view path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0)
    return unreadable(path, std::system_category().message(errno));
  if (!S_ISREG(status.st_mode))
    return unreadable(path, "is no file");
  auto out = file_text{std::string(file_bytes_max + 1, '\0'), {}};
  auto filled = std::size_t{0};
  while (filled < out.text.size()) {
    const auto got = ::read(file.get(), out.text.data() + filled, out.text.size() - filled);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return unreadable(path, std::system_category().message(errno));
    if (got == 0)
      break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled > file_bytes_max)
    return unreadable(path, "is larger than 256 KiB");
  out.text.resize(filled);
  if (!is_valid_utf8(out.text))
    return unreadable(path, "is not UTF-8");
  return out;
}

file_text read_under(const std::string& root, const std::string& path) {
  const auto place = locate(root, path, {});
  if (std::holds_alternative<path_violation>(place))
    return unreadable(path, "leads out of the skill's directory");
  if (const auto* why = std::get_if<file_problem>(&place))
    return unreadable(path, std::system_category().message(why->code));
  const auto& found = std::get<located_file>(place);
  const auto file = open_name(found.directory, found.name, O_RDONLY | O_NONBLOCK | O_CLOEXEC,
                              open_method::automatic);
  if (file.get() < 0)
    return unreadable(path, std::system_category().message(errno));
  return read_open(file, path);
}

/// Names in a directory, sorted; none when it cannot be read.
std::vector<std::string> names_in(const fs::path& directory, std::size_t names_max) {
  auto out = std::vector<std::string>{};
  auto failed = std::error_code{};
  for (auto at = fs::directory_iterator{directory, failed};
       !failed && at != fs::directory_iterator{} && out.size() < names_max; at.increment(failed))
    out.push_back(at->path().filename().string());
  std::ranges::sort(out);
  return out;
}

class skill_reader {
public:
  skill_reader(const skill_root& root, const text_counter& count, found_skills& out)
    : root_{root}, count_{count}, out_{out} {}

  void read_all() {
    for (const auto& id : names_in(root_.path, skills_max)) {
      auto failed = std::error_code{};
      if (!fs::is_directory(fs::path{root_.path} / id, failed))
        continue;
      if (is_skill_name(id))
        read(id);
      else
        leave_out(id, "the directory's name must be 1 to 64 of a-z, A-Z, 0-9, _ and -");
    }
  }

private:
  void leave_out(const std::string& id, const std::string& why) {
    out_.notices.push_back("skill " + in_quotes(id) + " in " + root_.path + " is left out: " + why);
  }

  void read(const std::string& id) {
    if (out_.shelf.by_id.contains(id))
      return leave_out(id, "a directory before it has a skill of that name, which counts");
    const auto directory = (fs::path{root_.path} / id).string();
    const auto file = read_under(directory, "SKILL.md");
    if (!file.problem.empty())
      return leave_out(id, file.problem);
    auto made = parse_skill(file.text, {id, directory + "/SKILL.md", root_.trust, root_.source});
    if (!made)
      return leave_out(id,
                       "SKILL.md: " + made.error().text
                         + (made.error().reason.empty() ? "" : " (" + made.error().reason + ')'));
    if (const auto why = add_supplements(*made, directory); !why.empty())
      return leave_out(id, why);
    measure(*made, count_);
    made->content_hash = hash_of(file.text, *made);
    out_.shelf.by_id.emplace(id, std::make_shared<const skill>(std::move(*made)));
  }

  /// Why not; empty when all is well.
  std::string add_supplements(skill& s, const std::string& directory) const {
    for (const auto& name : names_in(fs::path{directory} / "supplements", supplements_max + 1)) {
      if (!name.ends_with(".md"))
        continue;
      if (s.supplements.size() == supplements_max)
        return "it has more than " + std::to_string(supplements_max) + " supplements";
      auto file = read_under(directory, "supplements/" + name);
      if (!file.problem.empty())
        return file.problem;
      s.supplements.push_back({name, shared_text{std::move(file.text)}});
    }
    return {};
  }

  /// Over everything that a consent should stand for.
  static std::string hash_of(const std::string& file, const skill& s) {
    auto all = file;
    for (const auto& supplement : s.supplements) {
      all.append(1, '\0').append(supplement.file).append(1, '\0');
      all.append(supplement.text.view());
    }
    return sha256_text(all);
  }

  const skill_root& root_;
  const text_counter& count_;
  found_skills& out_;
};

}  // namespace

found_skills read_skills(const std::vector<skill_root>& roots, const text_counter& count) {
  auto out = found_skills{};
  for (const auto& root : roots)
    skill_reader{root, count, out}.read_all();
  return out;
}

}  // namespace persona_runtime
