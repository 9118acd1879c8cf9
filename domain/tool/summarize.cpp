#include "domain/tool/summarize.hpp"

#include "domain/text/json_text.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/arguments.hpp"
#include "domain/tool/result_bounds.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr auto characters_max = std::size_t{48'000};
constexpr auto words_min = std::int64_t{10};
constexpr auto words_max = std::int64_t{500};
constexpr auto tokens_per_word = std::uint32_t{6};
constexpr auto reply_tokens_max = std::uint32_t{1'024};

constexpr std::string_view schema =
  R"({"type":"object","properties":{)"
  R"("text":{"type":"string","description":"What is to be made shorter."},)"
  R"("max_words":{"type":"integer","default":100,)"
  R"("description":"How many words the summary may have, 10 to 500."}},)"
  R"("required":["text"],"additionalProperties":false})";

}  // namespace

tool_definition text_summarize_definition() {
  auto out = tool_definition{};
  out.name = text_summarize_name;
  out.description = "You can have a long text made shorter: send it and read its summary, in plain "
                    "sentences of at most max_words words. Use it instead of working through a "
                    "long text yourself.";
  out.parameters = schema;
  out.effect = tool_effect::read_only;
  out.exclusive = true;
  return out;
}

std::variant<summary_wish, tool_result> read_summary_wish(std::string_view arguments) {
  static const auto rules = argument_schema{schema};
  const auto checked = rules.check(arguments);
  if (const auto* problem = std::get_if<argument_problem>(&checked))
    return error_result(problem->text);
  const auto given = json::parse(std::get<checked_arguments>(checked).text).as_object();
  const auto text = std::string{given.at("text").as_string()};
  if (stripped(text).empty())
    return error_result("There is nothing to summarise: text is blank.");
  auto wish = summary_wish{};
  wish.text = first_characters(text, characters_max);
  wish.truncated = wish.text.size() < text.size();
  const auto words = given.at("max_words").to_number<std::int64_t>();
  wish.words = static_cast<std::uint32_t>(std::clamp(words, words_min, words_max));
  return wish;
}

std::uint32_t summary_reply_tokens(const summary_wish& wish) {
  return std::min(reply_tokens_max, tokens_per_word * wish.words);
}

tool_result summary_result(const summary_wish& wish, std::string_view reply) {
  const auto text = stripped(reply);
  if (text.empty())
    return error_result("The model that summarises gave no summary; try again, or with less text.");
  auto out = tool_result{};
  out.content = text;
  auto data = json_writer{out.data};
  data.text("summary", text).number("max_words", wish.words);
  data.flag("input_truncated", wish.truncated).close();
  return out;
}

}  // namespace persona_runtime
