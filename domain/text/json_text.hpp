#pragma once
// Writing JSON by appending: for texts that are made often and have a fixed shape.

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Appends `text` as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends a number in its shortest form that reads back equal; NaN and infinities become null.
void append_json_number(std::string& out, double number);

/// Appends one JSON object, field by field, to a text that outlives it.
///
///   auto o = json_writer{out};
///   o.text("name", name).number("count", 3).raw("data", "{}");
///   o.close();
class json_writer {
public:
  explicit json_writer(std::string& out) : out_{out} { out_ += '{'; }

  json_writer& text(std::string_view name, std::string_view value) {
    append_json_string(key(name), value);
    return *this;
  }
  /// A JSON null when `value` is empty.
  json_writer& text_or_null(std::string_view name, std::string_view value, bool present) {
    return present ? text(name, value) : raw(name, "null");
  }
  template <std::integral Int>
  json_writer& number(std::string_view name, Int value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    key(name).append(digits, end);
    return *this;
  }
  json_writer& number(std::string_view name, double value) {
    append_json_number(key(name), value);
    return *this;
  }
  json_writer& flag(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
  }
  /// `json` is JSON already.
  json_writer& raw(std::string_view name, std::string_view json) {
    key(name).append(json);
    return *this;
  }
  /// `json` is JSON from outside: line feeds, which can only be blanks in it, become spaces.
  json_writer& json(std::string_view name, std::string_view json) {
    auto& to = key(name);
    const auto begin = to.size();
    to.append(json);
    for (const auto line_end : {'\n', '\r'}) {
      for (auto at = to.find(line_end, begin); at != std::string::npos; at = to.find(line_end, at))
        to[at] = ' ';
    }
    return *this;
  }
  /// Appends the key and gives the text to append the value to.
  std::string& key(std::string_view name) {
    if (!first_)
      out_ += ',';
    first_ = false;
    out_ += '"';
    out_.append(name).append("\":");
    return out_;
  }
  void close() { out_ += '}'; }

private:
  std::string& out_;
  bool first_ = true;
};

/// Appends "[a,b,…]" where `each(out, item)` appends one item.
template <class Range, class Each>
void append_json_list(std::string& out, const Range& range, Each&& each) {
  out += '[';
  auto first = true;
  for (const auto& item : range) {
    if (!first)
      out += ',';
    first = false;
    each(out, item);
  }
  out += ']';
}

}  // namespace persona_runtime
