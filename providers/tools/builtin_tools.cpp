#include "providers/tools/builtin_tools.hpp"

#include "domain/tool/calculator.hpp"
#include "domain/tool/date_math.hpp"
#include "domain/tool/json_query.hpp"
#include "domain/tool/text_diff.hpp"
#include "providers/tools/builtin.hpp"
#include "providers/tools/file_tools.hpp"
#include "providers/tools/regex_tool.hpp"
#include "providers/tools/zones.hpp"

#include <boost/json.hpp>

namespace persona_runtime {
namespace {

namespace json = boost::json;

json::object arguments_of(const builtin_call& call) {
  return json::parse(call.request.call.arguments).as_object();
}

std::string text_in(const json::object& arguments, std::string_view name) {
  return std::string{arguments.at(name).as_string()};
}

std::optional<std::string> text_if_any(const json::object& arguments, std::string_view name) {
  const auto* text = arguments.at(name).if_string();
  return text == nullptr ? std::nullopt : std::optional{std::string{*text}};
}

tool_definition computing(std::string name, std::string description, std::string parameters) {
  auto definition = tool_definition{};
  definition.name = std::move(name);
  definition.description = std::move(description);
  definition.parameters = std::move(parameters);
  definition.effect = tool_effect::read_only;
  definition.timeout = std::chrono::seconds{20};
  return definition;
}

std::shared_ptr<tool_body> make_calculator(const std::shared_ptr<worker_pool>& pool) {
  auto definition = computing(
    "calculator",
    "You can calculate exactly with this; use it instead of working numbers out yourself. It takes "
    "+ - * / // % ** and parentheses, pi, e, tau, and sqrt, sin, cos, tan, asin, acos, atan, "
    "atan2, log, log10, log2, exp, floor, ceil, abs, round, hypot, degrees, radians, gcd, "
    "factorial, pow. Decimals are exact; a quotient that does not end has 28 digits. % is the "
    "remainder of a division. Write 1000 or 1_000, not 1,000.",
    R"({"type":"object","additionalProperties":false,"properties":{
      "expression":{"type":"string","description":"Such as (3 + 4) * 2 ** 10 / 7"}},
      "required":["expression"]})");
  return make_builtin(std::move(definition), pool, [](const builtin_call& call) {
    return calculate(text_in(arguments_of(call), "expression"));
  });
}

date_question date_question_of(const json::object& arguments) {
  auto question = date_question{};
  question.operation = text_in(arguments, "operation");
  question.timezone = text_in(arguments, "timezone");
  question.datetime = text_if_any(arguments, "datetime");
  question.to_timezone = text_if_any(arguments, "to_timezone");
  question.unit = text_if_any(arguments, "unit");
  question.end = text_if_any(arguments, "end");
  if (arguments.at("amount").is_number())
    question.amount = arguments.at("amount").to_number<std::int64_t>();
  return question;
}

constexpr auto datetime_schema = R"({"type":"object","additionalProperties":false,"properties":{
  "operation":{"type":"string","enum":["now","convert","add","diff","weekday"],"default":"now"},
  "timezone":{"type":"string","default":"UTC",
    "description":"IANA name; for now, and for times without an offset"},
  "datetime":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,
    "description":"ISO 8601, such as 2026-03-29T12:00 or 2026-03-29"},
  "to_timezone":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,
    "description":"For convert"},
  "amount":{"anyOf":[{"type":"integer","minimum":-9000000000000000,"maximum":9000000000000000},
    {"type":"null"}],"default":null,"description":"For add; negative goes back"},
  "unit":{"anyOf":[{"type":"string","enum":["weeks","days","hours","minutes","seconds"]},
    {"type":"null"}],"default":null,"description":"For add"},
  "end":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,
    "description":"For diff: the later time"}}})";

std::shared_ptr<tool_body> make_datetime(const std::shared_ptr<worker_pool>& pool,
                                         std::function<instant()> now) {
  auto definition = computing(
    "datetime",
    "You can tell the current date, time and weekday with this, and calculate with dates: now; "
    "convert a time to another time zone; add (or take away) weeks, days, hours, minutes or "
    "seconds; diff, the time between datetime and end; weekday of a date. Use it instead of "
    "guessing what day it is.",
    datetime_schema);
  auto zones = machine_zones();
  return make_builtin(std::move(definition), pool,
                      [now = std::move(now), zones = std::move(zones)](const builtin_call& call) {
                        const auto moment = std::chrono::sys_time<std::chrono::microseconds>{
                          std::chrono::milliseconds{now().value}};
                        return answer_date(date_question_of(arguments_of(call)), moment, zones);
                      });
}

std::shared_ptr<tool_body> make_json_query(const std::shared_ptr<worker_pool>& pool) {
  auto definition = computing(
    "json_query",
    "You can take what you need out of a JSON document with this, by a JMESPath query such as "
    "berths[?free].id or sort_by(ships, &length)[-1].name. Use it instead of searching long JSON "
    "yourself.",
    R"({"type":"object","additionalProperties":false,"properties":{
      "json_input":{"type":"string","description":"The document, as JSON text"},
      "query":{"type":"string","description":"JMESPath"}},"required":["json_input","query"]})");
  return make_builtin(std::move(definition), pool, [](const builtin_call& call) {
    const auto arguments = arguments_of(call);
    return query_json(text_in(arguments, "json_input"), text_in(arguments, "query"));
  });
}

std::shared_ptr<tool_body> make_text_diff(const std::shared_ptr<worker_pool>& pool) {
  auto definition = computing(
    "text_diff",
    "You can compare two texts line by line with this and get what changed as a unified diff. Use "
    "it instead of comparing by eye.",
    R"({"type":"object","additionalProperties":false,"properties":{
      "a":{"type":"string","description":"The text before"},
      "b":{"type":"string","description":"The text after"},
      "label_a":{"type":"string","default":"original"},
      "label_b":{"type":"string","default":"revised"},
      "context_lines":{"type":"integer","default":3}},"required":["a","b"]})");
  return make_builtin(std::move(definition), pool, [](const builtin_call& call) {
    const auto arguments = arguments_of(call);
    const auto a = text_in(arguments, "label_a");
    const auto b = text_in(arguments, "label_b");
    return diff_texts(text_in(arguments, "a"), text_in(arguments, "b"), {a, b},
                      arguments.at("context_lines").to_number<std::int64_t>());
  });
}

}  // namespace

std::vector<std::shared_ptr<tool_body>> make_builtin_tools(const std::shared_ptr<worker_pool>& pool,
                                                           std::function<instant()> now) {
  return {
    make_calculator(pool), make_datetime(pool, std::move(now)),
    make_file_read(pool),  make_file_write(pool),
    make_json_query(pool), make_regex_match(pool),
    make_text_diff(pool),
  };
}

}  // namespace persona_runtime
