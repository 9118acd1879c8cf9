#include "domain/tool/line_edits.hpp"
#include "domain/tool/text_diff.hpp"
#include "tests/support/catch.hpp"

#include <random>

using namespace persona_runtime;

namespace {

tool_result diff(std::string_view a, std::string_view b, std::int64_t context = 3) {
  return diff_texts(a, b, {}, context);
}

using numbers = std::vector<std::uint32_t>;

/// What stays must be the same on both sides; how many lines changed is returned.
std::size_t changes_between(const numbers& a, const numbers& b) {
  const auto edits = edits_between(a, b);
  auto kept_a = numbers{};
  auto kept_b = numbers{};
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!edits.removed[i])
      kept_a.push_back(a[i]);
  }
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (!edits.added[i])
      kept_b.push_back(b[i]);
  }
  CHECK(kept_a == kept_b);
  return a.size() + b.size() - kept_a.size() - kept_b.size();
}

/// The shortest way by the book: quadratic, so for small lists only.
std::size_t fewest_changes(const numbers& a, const numbers& b) {
  auto common =
    std::vector<std::vector<std::size_t>>(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      common[i][j] = a[i - 1] == b[j - 1] ? common[i - 1][j - 1] + 1
                                          : std::max(common[i - 1][j], common[i][j - 1]);
    }
  }
  return a.size() + b.size() - 2 * common[a.size()][b.size()];
}

std::string many(int count, int from = 0) {
  auto text = std::string{};
  for (auto i = 0; i < count; ++i)
    text += std::to_string(from + i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("BT-18 equal texts have no differences", "[domain][tool][text_diff]") {
  const auto same = diff("a\nb", "a\nb");
  CHECK_FALSE(same.is_error);
  CHECK(same.content == "No differences.");
  CHECK(same.data == R"({"changed":false,"added":0,"removed":0})");
  CHECK(diff("a\nb\n", "a\nb").data == same.data);
  CHECK(diff("a\r\nb", "a\nb\n").data == same.data);
  CHECK(diff("", "").data == same.data);
}

TEST_CASE("BT-18 labels head the diff", "[domain][tool][text_diff]") {
  const auto changed = diff_texts("one\ntwo\nthree", "one\n2\nthree", {"before", "after"}, 3);
  CHECK(changed.content == "--- before\n+++ after\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n");
  CHECK(changed.data == R"({"changed":true,"added":1,"removed":1})");
  const auto odd = diff_texts("a", "b", {"x\n+++ y", ""}, 3);
  CHECK(odd.content.starts_with("--- x+++ y\n+++ revised\n"));
}

TEST_CASE("BT-18 NUL is an error", "[domain][tool][text_diff]") {
  const auto result = diff(std::string_view{"a\0b", 3}, "a");
  CHECK(result.is_error);
  CHECK(result.content.find("text a contains NUL") != std::string::npos);
  CHECK(diff("a", std::string_view{"\0", 1}).content.find("text b") != std::string::npos);
}

TEST_CASE("Context lines join hunks or leave them apart", "[domain][tool][text_diff]") {
  const auto a = std::string{"1\n2\n3\n4\n5\n6\n7\n8\n9\n"};
  const auto b = std::string{"1\nx\n3\n4\n5\n6\n7\ny\n9\n"};
  CHECK(diff(a, b, 0).content
        == "--- original\n+++ revised\n@@ -2 +2 @@\n-2\n+x\n@@ -8 +8 @@\n-8\n+y\n");
  CHECK(diff(a, b, -5).content == diff(a, b, 0).content);
  CHECK(diff(a, b, 2).content
        == "--- original\n+++ revised\n@@ -1,4 +1,4 @@\n 1\n-2\n+x\n 3\n 4\n"
           "@@ -6,4 +6,4 @@\n 6\n 7\n-8\n+y\n 9\n");
  CHECK(
    diff(a, b, 3).content
    == "--- original\n+++ revised\n@@ -1,9 +1,9 @@\n 1\n-2\n+x\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n 9\n");
  CHECK(diff(a, b, 1'000'000'000'000).content == diff(a, b, 3).content);
}

TEST_CASE("Ranges of nothing name the line before", "[domain][tool][text_diff]") {
  CHECK(diff("", "a\nb").content == "--- original\n+++ revised\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  CHECK(diff("a", "").content == "--- original\n+++ revised\n@@ -1 +0,0 @@\n-a\n");
  CHECK(diff("a\nb", "a\nn\nb", 0).content == "--- original\n+++ revised\n@@ -1,0 +2 @@\n+n\n");
}

TEST_CASE("Bounds of text_diff are told", "[domain][tool][text_diff]") {
  CHECK_FALSE(diff(std::string(200'000, 'x'), "y").is_error);
  CHECK(diff(std::string(200'001, 'x'), "y").content == "text a is longer than 200,000 characters");
  CHECK_FALSE(diff(std::string(20'000, '\n'), "y").is_error);
  CHECK(diff("y", std::string(20'001, '\n')).content == "text b has more than 20,000 lines");
  const auto cut = diff("", many(5'000));
  CHECK(cut.truncated);
  CHECK(cut.content.size() == 12'000);
  CHECK(cut.data == R"({"changed":true,"added":5000,"removed":0})");
}

TEST_CASE("Texts that have nothing or little in common take bounded time",
          "[domain][tool][text_diff]") {
  const auto apart = diff(many(20'000), many(20'000, 50'000));
  CHECK(apart.data == R"({"changed":true,"added":20000,"removed":20000})");
  auto a = numbers(20'000);
  auto b = numbers(20'000);
  auto random = std::mt19937{7};
  for (auto& n : a)
    n = static_cast<std::uint32_t>(random() % 50);
  for (auto& n : b)
    n = static_cast<std::uint32_t>(random() % 50);
  CHECK(changes_between(a, b) <= 40'000);
}

TEST_CASE("Edits are the fewest there can be", "[domain][tool][text_diff]") {
  auto random = std::mt19937{42};
  for (auto round = 0; round < 2'000; ++round) {
    auto a = numbers(random() % 12);
    auto b = numbers(random() % 12);
    for (auto& n : a)
      n = static_cast<std::uint32_t>(random() % 4);
    for (auto& n : b)
      n = static_cast<std::uint32_t>(random() % 4);
    CAPTURE(round, a, b);
    REQUIRE(changes_between(a, b) == fewest_changes(a, b));
  }
}
