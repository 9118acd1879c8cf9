#include "domain/tool/text_diff.hpp"

#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/line_edits.hpp"
#include "domain/tool/result_bounds.hpp"

#include <algorithm>
#include <unordered_map>

namespace persona_runtime {
namespace {

constexpr std::size_t text_points_max = 200'000;
constexpr std::size_t diff_lines_max = 20'000;
constexpr std::size_t diff_points_max = 12'000;
constexpr std::size_t label_points_max = 200;

using text_lines = std::vector<std::string_view>;

text_lines lines_of(std::string_view text) {
  auto found = text_lines{};
  while (!text.empty()) {
    const auto end = text.find_first_of("\r\n");
    found.push_back(text.substr(0, end));
    if (end == std::string_view::npos)
      break;
    const auto pair = text.substr(end).starts_with("\r\n");
    text.remove_prefix(end + (pair ? 2 : 1));
  }
  return found;
}

/// Equal lines get equal numbers.
class numbering {
public:
  std::vector<std::uint32_t> of(const text_lines& texts) {
    auto numbers = std::vector<std::uint32_t>{};
    numbers.reserve(texts.size());
    for (const auto text : texts)
      numbers.push_back(
        known_.try_emplace(text, static_cast<std::uint32_t>(known_.size())).first->second);
    return numbers;
  }

private:
  std::unordered_map<std::string_view, std::uint32_t> known_;
};

/// One line of the diff and how many lines of each side are before it.
struct entry {
  char mark;  // ' ', '-' or '+'
  std::string_view text;
  std::size_t a_before;
  std::size_t b_before;
};

std::vector<entry> entries_of(const text_lines& a, const text_lines& b, const line_edits& edits) {
  auto all = std::vector<entry>{};
  auto i = std::size_t{0};
  auto j = std::size_t{0};
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && edits.removed[i]) {
      all.push_back({'-', a[i], i, j});
      ++i;
    } else if (j < b.size() && edits.added[j]) {
      all.push_back({'+', b[j], i, j});
      ++j;
    } else {
      all.push_back({' ', a[i], i, j});
      ++i;
      ++j;
    }
  }
  return all;
}

/// "3", "3,4"; an empty range is named by the line before it.
std::string range_text(std::size_t before, std::size_t count) {
  if (count == 1)
    return std::to_string(before + 1);
  return std::to_string(count == 0 ? before : before + 1) + "," + std::to_string(count);
}

void print_hunk(const std::vector<entry>& all, std::size_t from, std::size_t to, std::string& out) {
  auto of_a = std::size_t{0};
  auto of_b = std::size_t{0};
  for (auto i = from; i < to; ++i) {
    of_a += all[i].mark != '+' ? 1U : 0U;
    of_b += all[i].mark != '-' ? 1U : 0U;
  }
  out += "@@ -" + range_text(all[from].a_before, of_a) + " +" + range_text(all[from].b_before, of_b)
         + " @@\n";
  for (auto i = from; i < to; ++i) {
    out += all[i].mark;
    out += all[i].text;
    out += '\n';
  }
}

/// Hunks whose contexts touch become one.
std::string print_hunks(const std::vector<entry>& all, std::size_t context) {
  auto out = std::string{};
  auto i = std::size_t{0};
  while (i < all.size() && out.size() < 4 * diff_points_max) {
    if (all[i].mark == ' ') {
      ++i;
      continue;
    }
    const auto from = i > context ? i - context : 0;
    auto last = i;
    for (auto k = i; k < all.size() && k - last <= 2 * context + 1; ++k)
      last = all[k].mark == ' ' ? last : k;
    const auto to =
      std::min(all.size() - 1 - last > context ? last + 1 + context : all.size(), all.size());
    print_hunk(all, from, to, out);
    i = to;
  }
  return out;
}

std::string problem_with(std::string_view text, const text_lines& split, const char* side) {
  const auto name = std::string{"text "} + side;
  if (text.find('\0') != std::string_view::npos)
    return name + " contains NUL characters; text_diff compares text only";
  if (character_count(text) > text_points_max)
    return name + " is longer than 200,000 characters";
  if (split.size() > diff_lines_max)
    return name + " has more than 20,000 lines";
  return {};
}

std::string label_text(std::string_view label, std::string_view otherwise) {
  const auto clean = printable(label, label_points_max);
  return clean.empty() ? std::string{otherwise} : clean;
}

std::string data_text(bool changed, std::ptrdiff_t added, std::ptrdiff_t removed) {
  return std::string{R"({"changed":)"} + (changed ? "true" : "false") + R"(,"added":)"
         + std::to_string(added) + R"(,"removed":)" + std::to_string(removed) + "}";
}

}  // namespace

tool_result diff_texts(std::string_view a, std::string_view b, diff_labels labels,
                       std::int64_t context_lines) {
  const auto left = lines_of(a);
  const auto right = lines_of(b);
  if (auto problem = problem_with(a, left, "a"); !problem.empty())
    return error_result(std::move(problem));
  if (auto problem = problem_with(b, right, "b"); !problem.empty())
    return error_result(std::move(problem));
  auto numbers = numbering{};
  const auto edits = edits_between(numbers.of(left), numbers.of(right));
  const auto removed = std::count(edits.removed.begin(), edits.removed.end(), true);
  const auto added = std::count(edits.added.begin(), edits.added.end(), true);
  auto result = tool_result{};
  result.data = data_text(added + removed > 0, added, removed);
  if (added + removed == 0) {
    result.content = "No differences.";
    return result;
  }
  const auto context = static_cast<std::size_t>(
    std::clamp<std::int64_t>(context_lines, 0, static_cast<std::int64_t>(diff_lines_max)));
  auto diff = "--- " + label_text(labels.a, "original") + "\n+++ " + label_text(labels.b, "revised")
              + "\n" + print_hunks(entries_of(left, right, edits), context);
  const auto cut = first_characters(diff, diff_points_max);
  result.truncated = cut.size() < diff.size();
  result.content = std::string{cut};
  return result;
}

}  // namespace persona_runtime
