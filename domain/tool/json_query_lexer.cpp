#include "domain/tool/json_query_lexer.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/shown_text.hpp"

#include <boost/json.hpp>

#include <array>
#include <charconv>

namespace persona_runtime {
namespace {

namespace json = boost::json;

// Longer marks before those that they begin with.
constexpr auto marks = std::array<std::string_view, 26>{
  "[?", "[]", "==", "!=", "<=", ">=", "&&", "||", "[", "]", "(", ")", "{",
  "}",  ".",  ",",  ":",  "*",  "|",  "!",  "<",  ">", "&", "@", "=", ";"};

class query_lexer {
public:
  explicit query_lexer(std::string_view text) : text_{text} {}

  queried<std::vector<query_token>> all() {
    auto tokens = std::vector<query_token>{};
    while (true) {
      while (at_ < text_.size() && std::string_view{" \t\r\n"}.find(text_[at_]) != text_.npos)
        ++at_;
      auto token = next();
      if (!token)
        return token.error();
      tokens.push_back(std::move(*token));
      if (tokens.back().what == query_token::kind::end)
        return tokens;
    }
  }

private:
  using kind = query_token::kind;

  query_error problem(const std::string& text) const {
    return {text + " at position " + std::to_string(at_ + 1)};
  }

  queried<query_token> next() {
    auto token = query_token{};
    token.place = at_;
    if (at_ >= text_.size())
      return token;
    const auto c = text_[at_];
    if (begins_ascii_name(c))
      return bare_name(std::move(token));
    if (is_ascii_digit(c) || c == '-')
      return number(std::move(token));
    if (c == '"')
      return quoted_name(std::move(token));
    if (c == '`')
      return literal(std::move(token));
    if (c == '\'')
      return raw_text(std::move(token));
    return mark(std::move(token));
  }

  queried<query_token> bare_name(query_token token) {
    while (at_ < text_.size() && (begins_ascii_name(text_[at_]) || is_ascii_digit(text_[at_])))
      token.text += text_[at_++];
    token.what = kind::name;
    return token;
  }

  queried<query_token> number(query_token token) {
    const auto rest = text_.substr(at_);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), token.number);
    if (error != std::errc{})
      return problem("there is no whole number");
    at_ += static_cast<std::size_t>(end - rest.data());
    token.what = kind::number;
    return token;
  }

  /// What stands between this mark and its next one, which a backslash before it hides.
  std::optional<std::string_view> until(char mark) {
    auto end = at_ + 1;
    while (end < text_.size() && text_[end] != mark)
      end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size())
      return std::nullopt;
    const auto inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return inside;
  }

  /// With the backslash before `mark` taken away.
  static std::string unhidden(std::string_view text, char mark) {
    auto out = std::string{};
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == mark)
        continue;
      out += text[i];
    }
    return out;
  }

  queried<query_token> quoted_name(query_token token) {
    const auto inside = until('"');
    if (!inside)
      return problem("the quotation mark has no end");
    auto error = json::error_code{};
    const auto parsed = json::parse("\"" + std::string{*inside} + "\"", error);
    if (error)
      return problem("the quoted name before is no JSON string");
    token.text = parsed.get_string();
    token.what = kind::name;
    token.quoted = true;
    return token;
  }

  queried<query_token> literal(query_token token) {
    const auto inside = until('`');
    if (!inside)
      return problem("the backtick has no end");
    auto error = json::error_code{};
    auto options = json::parse_options{};
    options.max_depth = query_depth_max;
    token.literal = json::parse(unhidden(*inside, '`'), error, {}, options);
    if (error)
      return problem("what stands between the backticks before is no JSON; write text as 'text'");
    token.what = kind::literal;
    return token;
  }

  queried<query_token> raw_text(query_token token) {
    const auto inside = until('\'');
    if (!inside)
      return problem("the apostrophe has no end");
    token.literal = json::string{unhidden(*inside, '\'')};
    token.what = kind::literal;
    return token;
  }

  queried<query_token> mark(query_token token) {
    for (const auto candidate : marks) {
      if (text_.substr(at_).starts_with(candidate)) {
        token.text = candidate;
        token.what = kind::mark;
        at_ += candidate.size();
        return token;
      }
    }
    return problem("'" + printable(first_characters(text_.substr(at_), 1), 1) + "' is not allowed");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

queried<std::vector<query_token>> words_of(std::string_view query) {
  return query_lexer{query}.all();
}

}  // namespace persona_runtime
