#include "domain/tool/sandbox_path.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"

#include <array>

namespace persona_runtime {
namespace {

constexpr std::size_t path_points_max = 4'096;
constexpr std::size_t shown_points_max = 120;

struct wording {
  std::string_view token;
  std::string_view problem;
};

constexpr auto wordings = std::array<wording, 8>{{
  {"null_byte", "the path contains a NUL character"},
  {"too_long", "the path is longer than 4096 characters"},
  {"mixed_separators", "the path contains a backslash; names are separated by /"},
  {"empty", "the path is empty"},
  {"absolute", "the path begins at the root of the machine"},
  {"root_reference", "the path names the sandbox root itself and no file in it"},
  {"escape", "the path leads out of the sandbox"},
  {"no_scope", "this call has no directory of its own, so no file can be reached"},
}};

constexpr std::string_view hint = " Give a relative path such as out/report.md; it is looked up "
                                  "under the sandbox root.";

/// Names as written, without empty ones and ".".
path_names split(std::string_view path) {
  auto names = path_names{};
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto name = path.substr(0, slash);
    if (!name.empty() && name != ".")
      names.emplace_back(name);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return names;
}

}  // namespace

std::string_view token_of(path_reason reason) {
  return wordings.at(static_cast<std::size_t>(reason)).token;
}

std::string message_of(const path_violation& violation) {
  const auto& words = wordings.at(static_cast<std::size_t>(violation.reason));
  auto text = std::string{words.problem};
  if (violation.reason == path_reason::escape)
    text += ": '" + violation.requested + "' is '" + violation.resolved + "'";
  return text + " [reason=" + std::string{words.token} + "]." + std::string{hint};
}

path_violation violation(path_reason reason, std::string_view requested,
                         std::string_view resolved) {
  return {reason, printable(requested, shown_points_max), printable(resolved, shown_points_max)};
}

std::variant<path_names, path_violation> check_path(std::string_view path) {
  const auto refused = [path](path_reason reason) { return violation(reason, path); };
  if (path.find('\0') != std::string_view::npos)
    return refused(path_reason::null_byte);
  if (character_count(path) > path_points_max)
    return refused(path_reason::too_long);
  if (path.find('\\') != std::string_view::npos)
    return refused(path_reason::mixed_separators);
  if (trimmed(path).empty())
    return refused(path_reason::empty);
  if (path.starts_with('/'))
    return refused(path_reason::absolute);
  if (split(trimmed(path)).empty())
    return refused(path_reason::root_reference);
  auto names = path_names{};
  for (auto& name : split(path)) {
    if (name != "..") {
      names.push_back(std::move(name));
      continue;
    }
    if (names.empty())
      return violation(path_reason::escape, path, "above the sandbox root");
    names.pop_back();
  }
  if (names.empty())
    return refused(path_reason::root_reference);
  return names;
}

}  // namespace persona_runtime
