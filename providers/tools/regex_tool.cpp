#include "providers/tools/regex_tool.hpp"

#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/result_bounds.hpp"

#include <boost/json.hpp>
#include <re2/re2.h>

#include <algorithm>
#include <vector>

namespace persona_runtime {
namespace {

namespace json = boost::json;
using groups = std::vector<re2::StringPiece>;

constexpr std::size_t pattern_points_max = 1'000;
constexpr std::size_t text_points_max = 100'000;
constexpr std::size_t matches_max = 1'000;
constexpr std::size_t shown_bytes_max = 64 * 1024;
// RE2 needs quadratic time to compile long repetitions: 2 s at this bound, 20 s at 2 MiB.
constexpr std::int64_t compiled_bytes_max = 512 << 10;
// Measured at 50 million steps a second where RE2 falls back to its slowest engine.
constexpr std::uint64_t steps_max = 200'000'000;

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view view(re2::StringPiece piece_of_text) {
  return {piece_of_text.data(), piece_of_text.size()};
}

json::value text_or_null(re2::StringPiece group) {
  return group.data() == nullptr ? json::value(nullptr) : json::value(json::string{view(group)});
}

json::array groups_of(const groups& found) {
  auto all = json::array{};
  for (std::size_t i = 1; i < found.size(); ++i)
    all.push_back(text_or_null(found[i]));
  return all;
}

class matcher {
public:
  matcher(const RE2& pattern, const regex_question& question, const std::stop_token& stop)
    : pattern_{pattern}, question_{question}, stop_{stop},
      found_(static_cast<std::size_t>(pattern.NumberOfCapturingGroups()) + 1) {}

  tool_result search() {
    auto result = tool_result{};
    const auto matched = find(0, RE2::UNANCHORED);
    auto data = json::object{{"matched", matched}};
    data["match"] = matched ? text_or_null(found_[0]) : json::value(nullptr);
    data["groups"] = matched ? groups_of(found_) : json::array{};
    if (!matched) {
      data["span"] = nullptr;
      result.content = "No match.";
      result.data = json_text(data);
      return result;
    }
    const auto begin = place_of(found_[0].data());
    const auto end = begin + character_count(view(found_[0]));
    auto span = json::array{};
    span.push_back(begin);
    span.push_back(end);
    data["span"] = std::move(span);
    result.content = "Match at " + std::to_string(begin) + " to " + std::to_string(end) + ": "
                     + std::string{view(found_[0])} + groups_text();
    result.data = json_text(data);
    return result;
  }

  tool_result fullmatch() {
    auto result = tool_result{};
    const auto matched = find(0, RE2::ANCHOR_BOTH);
    result.content =
      matched ? "The whole text matches." + groups_text() : "The text as a whole does not match.";
    result.data = json_text(
      json::object{{"matched", matched}, {"groups", matched ? groups_of(found_) : json::array{}}});
    return result;
  }

  tool_result findall() {
    auto count = std::size_t{0};
    auto matches = json::array{};
    auto result = tool_result{};
    each([&] {
      if (++count <= matches_max && shown_ < shown_bytes_max)
        matches.push_back(entry());
      return true;
    });
    result.truncated = matches.size() < count;
    result.content = count == 0 ? "No matches." : std::to_string(count) + " matches";
    if (result.truncated)
      result.content += ", of which the first " + std::to_string(matches.size()) + " are listed";
    for (const auto& match : matches)
      result.content +=
        "\n" + (match.is_string() ? std::string{match.get_string()} : json_text(match));
    result.data = json_text(json::object{{"count", count}, {"matches", std::move(matches)}});
    return result;
  }

  tool_result sub() {
    auto result = tool_result{};
    auto problem = std::string{};
    if (!pattern_.CheckRewriteString(piece(*question_.replacement), &problem))
      return error_result("replacement cannot be used: " + problem);
    auto count = std::size_t{0};
    auto copied = std::size_t{0};
    const auto fits = each([&] {
      const auto at = offset_of(found_[0].data());
      result.content.append(question_.text, copied, at - copied);
      pattern_.Rewrite(&result.content, piece(*question_.replacement), found_.data(),
                       static_cast<int>(found_.size()));
      copied = at + found_[0].size();
      ++count;
      return result.content.size() <= tool_result_bytes_max;
    });
    if (!fits || result.content.size() > tool_result_bytes_max)
      return error_result("the new text would be longer than 256 KiB");
    result.content.append(question_.text, copied);
    auto data = json::object{{"result", result.content}, {"replacements", count}};
    result.data = json_text(data);
    return result;
  }

private:
  std::size_t offset_of(const char* place) const {
    return static_cast<std::size_t>(place - question_.text.data());
  }

  std::size_t place_of(const char* place) const {
    return character_count(std::string_view{question_.text}.substr(0, offset_of(place)));
  }

  bool find(std::size_t from, RE2::Anchor anchor) {
    const auto size = question_.text.size();
    return pattern_.Match(piece(question_.text), from, size, anchor, found_.data(),
                          static_cast<int>(found_.size()));
  }

  /// Calls `on_match` for each match from left to right, as long as it says so; false if it did
  /// not. An empty match right behind the one before is none.
  template <class OnMatch>
  bool each(OnMatch on_match) {
    auto from = std::size_t{0};
    auto last_end = std::string::npos;
    while (from <= question_.text.size() && !stop_.stop_requested()
           && find(from, RE2::UNANCHORED)) {
      const auto begin = offset_of(found_[0].data());
      const auto end = begin + found_[0].size();
      if (begin == end && begin == last_end) {
        from = next_point(from);
        continue;
      }
      if (!on_match())
        return false;
      last_end = end;
      from = begin == end ? next_point(end) : end;
    }
    return true;
  }

  std::size_t next_point(std::size_t at) const {
    if (at >= question_.text.size())
      return at + 1;
    return at + first_characters(std::string_view{question_.text}.substr(at), 1).size();
  }

  /// The match, or its only group, or all its groups.
  json::value entry() {
    shown_ += found_[0].size() + 8;
    if (found_.size() == 1)
      return json::string{view(found_[0])};
    if (found_.size() == 2)
      return text_or_null(found_[1]);
    return groups_of(found_);
  }

  std::string groups_text() const {
    return found_.size() == 1 ? std::string{} : "\nGroups: " + json_text(groups_of(found_));
  }

  const RE2& pattern_;
  const regex_question& question_;
  const std::stop_token& stop_;
  groups found_;
  std::size_t shown_ = 0;
};

std::string problem_with(const regex_question& question) {
  if (character_count(question.pattern) > pattern_points_max)
    return "pattern is longer than 1,000 characters";
  if (character_count(question.text) > text_points_max)
    return "text is longer than 100,000 characters";
  if (question.operation == "sub" && !question.replacement)
    return "operation 'sub' also needs: replacement";
  if (question.replacement && character_count(*question.replacement) > pattern_points_max)
    return "replacement is longer than 1,000 characters";
  return {};
}

tool_result matched(const RE2& pattern, const regex_question& question,
                    const std::stop_token& stop) {
  auto m = matcher{pattern, question, stop};
  if (question.operation == "search")
    return m.search();
  if (question.operation == "fullmatch")
    return m.fullmatch();
  if (question.operation == "findall")
    return m.findall();
  if (question.operation == "sub")
    return m.sub();
  return error_result("operation must be search, fullmatch, findall or sub");
}

constexpr auto schema = R"({"type":"object","additionalProperties":false,"properties":{
  "pattern":{"type":"string","description":"Regular expression in RE2 syntax"},
  "text":{"type":"string","description":"The text to look at"},
  "operation":{"type":"string","enum":["search","fullmatch","findall","sub"],"default":"search"},
  "replacement":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,
    "description":"For sub: the new text; \\1 is the first group"},
  "ignore_case":{"type":"boolean","default":false}},"required":["pattern","text"]})";

}  // namespace

tool_result match_regex(const regex_question& question, const std::stop_token& stop) {
  if (auto problem = problem_with(question); !problem.empty())
    return error_result(std::move(problem));
  auto options = RE2::Options{};
  options.set_log_errors(false);
  options.set_max_mem(compiled_bytes_max);
  options.set_case_sensitive(!question.ignore_case);
  const auto pattern = RE2{piece(question.pattern), options};
  if (!pattern.ok())
    return error_result("pattern cannot be compiled: " + pattern.error()
                        + ". The syntax is RE2's: no back-references, no look-ahead, no "
                          "look-behind.");
  const auto steps = static_cast<std::uint64_t>(pattern.ProgramSize()) * (question.text.size() + 1);
  if (steps > steps_max)
    return error_result("this pattern is too large for a text of this length; make one of them "
                        "smaller");
  return matched(pattern, question, stop);
}

std::shared_ptr<tool_body> make_regex_match(std::shared_ptr<worker_pool> pool) {
  auto definition = tool_definition{};
  definition.name = "regex_match";
  definition.description =
    "You can search, test and rewrite text with regular expressions with this: search finds the "
    "first match, fullmatch tests the whole text, findall lists all matches, sub replaces them. "
    "Use it instead of reading through long text yourself. RE2 syntax.";
  definition.parameters = schema;
  definition.effect = tool_effect::read_only;
  definition.timeout = std::chrono::seconds{20};
  return make_builtin(std::move(definition), std::move(pool), [](const builtin_call& call) {
    const auto given = json::parse(call.request.call.arguments).as_object();
    auto question = regex_question{};
    question.pattern = given.at("pattern").as_string();
    question.text = given.at("text").as_string();
    question.operation = given.at("operation").as_string();
    question.ignore_case = given.at("ignore_case").as_bool();
    if (const auto* replacement = given.at("replacement").if_string())
      question.replacement = std::string{*replacement};
    return match_regex(question, call.stop);
  });
}

}  // namespace persona_runtime
