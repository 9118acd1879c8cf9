#include "domain/tool/arguments.hpp"

#include "domain/text/json_numbers.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/schema_checker.hpp"

#include <boost/json.hpp>

#include <charconv>

namespace persona_runtime {

struct argument_schema::document {
  boost::json::value root;
};

namespace {

namespace json = boost::json;

constexpr std::size_t arguments_bytes_max = std::size_t{8} << 20U;
constexpr int argument_depth_max = 64;

json::parse_options deep() {
  auto options = json::parse_options{};
  options.max_depth = argument_depth_max;
  return options;
}

argument_problem invalid_arguments(const std::string& text, std::string_view path = {}) {
  auto whole = "Invalid arguments: " + text;
  if (!path.empty())
    whole += " (at " + printable(path, 200) + ")";
  return {std::move(whole)};
}

/// The four digits of an escape that begins at `at`; none when there is no such escape.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u')
    return std::nullopt;
  auto unit = 0U;
  const auto* end = text.data() + at + 6;
  if (std::from_chars(text.data() + at + 2, end, unit, 16).ptr != end)
    return std::nullopt;
  return unit;
}

/// Boost.JSON calls most of these a syntax error, which would send the model looking for a comma.
bool has_lone_surrogate(std::string_view text) {
  for (auto i = text.find('\\'); i != std::string_view::npos; i = text.find('\\', i)) {
    const auto unit = escaped_unit(text, i);
    if (!unit) {
      i += 2;
      continue;
    }
    i += 6;
    if (*unit < 0xD800 || *unit > 0xDFFF)
      continue;
    const auto second = escaped_unit(text, i);
    if (*unit > 0xDBFF || !second || *second < 0xDC00 || *second > 0xDFFF)
      return true;
    i += 6;
  }
  return false;
}

argument_problem unreadable(const json::error_code& error, std::string_view text) {
  if (has_lone_surrogate(text))
    return invalid_arguments("text encoding: a lone surrogate stands for no character");
  if (error == json::error::too_deep)
    return invalid_arguments("Input is nested deeper than 64 levels");
  return invalid_arguments("Input is not JSON (" + error.message() + ")");
}

}  // namespace

argument_schema::argument_schema(std::string_view schema_text) {
  auto error = json::error_code{};
  auto parsed = document{};
  if (schema_text.size() <= arguments_bytes_max)
    parsed.root = json::parse(schema_text, error, {}, deep());
  if (!error && parsed.root.is_object())
    document_ = std::make_shared<const document>(std::move(parsed));
}

argument_check argument_schema::check(std::string_view arguments_text,
                                      const pattern_search& search) const {
  if (!document_)
    return invalid_arguments("the tool's own schema is no JSON object, so nothing can be checked");
  if (arguments_text.size() > arguments_bytes_max)
    return invalid_arguments("Input is longer than 8 MiB");
  auto error = json::error_code{};
  const auto text = arguments_text.empty() ? std::string_view{"{}"} : arguments_text;
  auto value = json::parse(text, error, {}, deep());
  if (error)
    return unreadable(error, text);
  if (!value.is_object())
    return invalid_arguments("Input should be a JSON object");
  if (!has_finite_numbers(value))
    return invalid_arguments("Input: " + std::string{number_out_of_range});
  if (auto found = check_value(document_->root, value, search))
    return invalid_arguments(found->text, found->path);
  return checked_arguments{json_text(value)};
}

argument_check check_arguments(std::string_view schema_text, std::string_view arguments_text,
                               const pattern_search& search) {
  return argument_schema{schema_text}.check(arguments_text, search);
}

bool is_whole_object(std::string_view text) {
  auto error = json::error_code{};
  if (text.size() > arguments_bytes_max)
    return false;
  const auto value = json::parse(text, error, {}, deep());
  return !error && value.is_object();
}

}  // namespace persona_runtime
