#include "domain/tool/sandbox_path.hpp"
#include "tests/support/catch.hpp"

#include <optional>

using namespace persona_runtime;

namespace {

std::string refusal(std::string_view path) {
  const auto checked = check_path(path);
  const auto* refused = std::get_if<path_violation>(&checked);
  return refused == nullptr ? "" : std::string{token_of(refused->reason)};
}

}  // namespace

TEST_CASE("SP-01 paths that climb out escape", "[domain][tool][sandbox]") {
  for (const auto* path :
       {"../x", "a/../../x", "..", "./..", "../", "a/b/../../..", "a//../../b"}) {
    CAPTURE(path);
    CHECK(refusal(path) == "escape");
  }
  CHECK(std::get<path_names>(check_path("a/../b/./c//d")) == path_names{"b", "c", "d"});
}

TEST_CASE("SP-02 absolute paths and backslashes", "[domain][tool][sandbox]") {
  for (const auto* path : {"/etc/x", "//x", "/"})
    CHECK(refusal(path) == "absolute");
  for (const auto* path : {"C:\\x", "a\\b"})
    CHECK(refusal(path) == "mixed_separators");
}

TEST_CASE("SP-03 NUL is refused and not repeated", "[domain][tool][sandbox]") {
  CHECK(refusal(std::string_view{"\0", 1}) == "null_byte");
  const auto checked = check_path(std::string_view{"f\0.png", 6});
  const auto& refused = std::get<path_violation>(checked);
  CHECK(refused.reason == path_reason::null_byte);
  CHECK(refused.requested == "f.png");
}

TEST_CASE("SP-04 a path has at most 4096 characters", "[domain][tool][sandbox]") {
  auto path = std::string{};
  for (auto i = 0; i < 2048; ++i)
    path += "a/";
  REQUIRE(path.size() == 4096);
  CHECK(refusal(path).empty());
  CHECK(refusal(path + "a") == "too_long");
}

TEST_CASE("SP-05 empty paths and the root itself", "[domain][tool][sandbox]") {
  for (const auto* path : {"", "  ", "\t", "\n"})
    CHECK(refusal(path) == "empty");
  for (const auto* path : {".", " .", ". ", "./", "././", "a/.."})
    CHECK(refusal(path) == "root_reference");
}

TEST_CASE("SP-08 every message has its reason and the same hint", "[domain][tool][sandbox]") {
  auto hint = std::optional<std::string>{};
  for (const auto reason :
       {path_reason::null_byte, path_reason::too_long, path_reason::mixed_separators,
        path_reason::empty, path_reason::absolute, path_reason::root_reference, path_reason::escape,
        path_reason::no_scope}) {
    const auto text = message_of(violation(reason, "a", "b"));
    const auto mark = "[reason=" + std::string{token_of(reason)} + "].";
    const auto at = text.find(mark);
    REQUIRE(at != std::string::npos);
    const auto rest = text.substr(at + mark.size());
    CHECK(rest.find("out/report.md") != std::string::npos);
    CHECK(hint.value_or(rest) == rest);
    hint = rest;
  }
}

TEST_CASE("Names that only look like others are ordinary", "[domain][tool][sandbox]") {
  CHECK(std::get<path_names>(check_path("\u2024\u2024/x")) == path_names{"\u2024\u2024", "x"});
  CHECK(std::get<path_names>(check_path(" a ")) == path_names{" a "});
  CHECK(std::get<path_names>(check_path("~/...")) == path_names{"~", "..."});
}

TEST_CASE("Context is printable and short", "[domain][tool][sandbox]") {
  const auto v = violation(path_reason::escape, "a\nb" + std::string(500, 'x'), "c\x1b[0m");
  CHECK(v.requested.size() == 120);
  CHECK(v.requested.starts_with("ab"));
  CHECK(v.resolved == "c[0m");
  CHECK(message_of(v).find("'c[0m'") != std::string::npos);
}
