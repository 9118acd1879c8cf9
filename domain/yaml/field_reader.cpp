#include "domain/yaml/field_reader.hpp"

#include "domain/yaml/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <locale>
#include <sstream>

namespace persona_runtime {
namespace {

std::string shown(double number) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << number;
  return out.str();
}

/// A foreign key as part of a path: short, on one line, in quotes only where it looks odd.
std::string key_in_path(std::string_view key) {
  constexpr std::string_view usual = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789_-";
  bool odd = key.empty() || key.size() > 60 || key.find_first_not_of(usual) != key.npos;
  return odd ? in_quotes(key) : std::string{key};
}

std::string what_it_is(const yaml_node& node) {
  switch (node.kind) {
  case yaml_kind::null:
    return "empty (null)";
  case yaml_kind::sequence:
    return "a list";
  case yaml_kind::mapping:
    return "a mapping";
  case yaml_kind::text:
    return "the text " + in_quotes(node.text);
  case yaml_kind::boolean:
    return "the boolean " + node.text;
  case yaml_kind::timestamp:
    return "the date " + node.text;
  default:
    return "the number " + node.text.substr(0, 40);
  }
}

std::optional<bool> flag_in(const yaml_node& node) {
  constexpr std::array<std::string_view, 6> yes{"true", "yes", "on", "1", "t", "y"};
  constexpr std::array<std::string_view, 6> no{"false", "no", "off", "0", "f", "n"};
  if (node.kind == yaml_kind::boolean)
    return boolean_of(node.text);
  if (node.kind == yaml_kind::integer || node.kind == yaml_kind::real) {
    double value = number_of(node.kind, node.text);
    if (value == 0 || value == 1)
      return value == 1;
  }
  if (node.kind != yaml_kind::text)
    return std::nullopt;
  std::string word = node.text;
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  if (std::find(yes.begin(), yes.end(), word) != yes.end())
    return true;
  if (std::find(no.begin(), no.end(), word) != no.end())
    return false;
  return std::nullopt;
}

std::string limits_text(const number_range& range) {
  std::string kind = range.whole ? "a whole number" : "a number";
  if (std::isinf(range.most))
    return "must be " + kind + " of at least " + shown(range.least);
  return "must be " + kind + " from " + shown(range.least) + " to " + shown(range.most);
}

}  // namespace

std::string not_text(const yaml_node& node) {
  switch (node.kind) {
  case yaml_kind::boolean:
    return "must be text, but YAML reads " + node.text + " as "
           + (boolean_of(node.text) ? "true" : "false")
           + "; write it in quotes: " + in_quotes(node.text);
  case yaml_kind::integer:
  case yaml_kind::real:
    return "must be text, but YAML reads " + node.text.substr(0, 40)
           + " as a number; write it in quotes: " + in_quotes(node.text);
  case yaml_kind::timestamp:
    return "must be text, but YAML reads " + node.text
           + " as a date; write it in quotes: " + in_quotes(node.text);
  case yaml_kind::null:
    return "must be text, but is empty (null); give it a value, or leave it out if it is optional";
  default:
    return "must be text, but is " + what_it_is(node);
  }
}

const yaml_node* field_reader::find(std::string_view key) {
  known_.push_back(key);
  const auto* entry = node_.find(key);
  return entry == nullptr ? nullptr : entry->value.get();
}

std::string field_reader::path_of(std::string_view key) const {
  return path_.empty() ? std::string{key} : path_ + '.' + std::string{key};
}

void field_reader::report(std::string_view key, std::string text) {
  // The value's own line: a list item may be far below its key, and an empty value has none.
  const auto* entry = node_.find(key);
  std::uint32_t line = node_.line;
  if (entry != nullptr)
    line = entry->value->kind == yaml_kind::null ? entry->line : entry->value->line;
  problems_.add(line, path_of(key), std::move(text));
}

std::string field_reader::text(std::string_view key, std::string_view otherwise) {
  const auto* value = find(key);
  if (value == nullptr)
    return std::string{otherwise};
  if (value->kind != yaml_kind::text)
    report(key, not_text(*value));
  return value->text;
}

std::string field_reader::required_text(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr)
    report(key, "is missing; it must be text");
  else if (value->kind != yaml_kind::text)
    report(key, not_text(*value));
  else if (value->text.empty())
    report(key, "must not be empty; write at least one character");
  else
    return value->text;
  return {};
}

std::optional<std::string> field_reader::optional_text(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr || value->kind == yaml_kind::null)
    return std::nullopt;
  if (value->kind != yaml_kind::text)
    report(key, not_text(*value));
  return value->text;
}

namespace {

std::string not_a_list(const yaml_node& node) {
  if (node.kind == yaml_kind::null)
    return "must be a list, but is empty (null); leave the key out, or write []";
  if (node.kind == yaml_kind::text)
    return "must be a list, but is " + what_it_is(node) + "; put it in brackets: [...]";
  return "must be a list, but is " + what_it_is(node);
}

}  // namespace

std::vector<std::string> field_reader::texts(std::string_view key) {
  std::vector<std::string> out;
  const auto* value = find(key);
  if (value == nullptr)
    return out;
  if (value->kind != yaml_kind::sequence) {
    report(key, not_a_list(*value));
    return out;
  }
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    const auto& item = *value->items[i];
    if (item.kind != yaml_kind::text)
      problems_.add(item.line, path_of(key) + '[' + std::to_string(i) + ']', not_text(item));
    out.push_back(item.text);
  }
  return out;
}

bool field_reader::flag(std::string_view key, bool otherwise) {
  const auto* value = find(key);
  if (value == nullptr)
    return otherwise;
  auto found = flag_in(*value);
  if (!found)
    report(key, "must be true or false, but is " + what_it_is(*value));
  return found.value_or(otherwise);
}

std::optional<double> field_reader::number_in(std::string_view key, const yaml_node& value,
                                              const number_range& range) {
  std::optional<double> found;
  if (value.kind == yaml_kind::integer || value.kind == yaml_kind::real)
    found = number_of(value.kind, value.text);
  else if (value.kind == yaml_kind::boolean)
    found = boolean_of(value.text) ? 1.0 : 0.0;
  else if (value.kind == yaml_kind::text)
    found = quoted_number(value.text);
  bool fits = found && std::isfinite(*found) && *found >= range.least && *found <= range.most
              && (!range.whole || std::floor(*found) == *found);
  if (fits)
    return found;
  report(key, limits_text(range) + ", but is " + what_it_is(value));
  return std::nullopt;
}

double field_reader::number(std::string_view key, double otherwise, const number_range& range) {
  const auto* value = find(key);
  return value == nullptr ? otherwise : number_in(key, *value, range).value_or(otherwise);
}

std::optional<double> field_reader::optional_number(std::string_view key,
                                                    const number_range& range) {
  const auto* value = find(key);
  if (value == nullptr || value->kind == yaml_kind::null)
    return std::nullopt;
  return number_in(key, *value, range);
}

std::optional<std::string> field_reader::name_in(std::string_view key, const yaml_node& value,
                                                 std::span<const std::string_view> names) {
  if (value.kind == yaml_kind::text
      && std::find(names.begin(), names.end(), value.text) != names.end())
    return value.text;
  std::string text = "must be one of";
  for (auto name : names)
    text += (name == names.front() ? " " : ", ") + std::string{name};
  text += ", but is " + what_it_is(value);
  if (auto near = nearest_name(value.text, names))
    text += "; did you mean " + std::string{*near} + "?";
  report(key, std::move(text));
  return std::nullopt;
}

void field_reader::block(std::string_view key, const std::function<void(field_reader&)>& read) {
  const auto* value = find(key);
  if (value == nullptr)
    return;
  if (value->kind != yaml_kind::mapping) {
    report(key, "must be a mapping of keys to values, but is " + what_it_is(*value)
                  + "; leave the key out where nothing is to be said");
    return;
  }
  field_reader inner{*value, path_of(key), problems_};
  read(inner);
  inner.refuse_others();
}

void field_reader::each(std::string_view key, const std::function<void(field_reader&)>& read) {
  const auto* value = find(key);
  if (value == nullptr)
    return;
  if (value->kind != yaml_kind::sequence) {
    report(key, not_a_list(*value));
    return;
  }
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    const auto& item = *value->items[i];
    auto path = path_of(key) + '[' + std::to_string(i) + ']';
    if (item.kind != yaml_kind::mapping) {
      problems_.add(item.line, path,
                    "must be a mapping of keys to values, but is " + what_it_is(item));
      continue;
    }
    field_reader inner{item, std::move(path), problems_};
    read(inner);
    inner.refuse_others();
  }
}

void field_reader::refuse_others() {
  for (const auto& entry : node_.entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end())
      continue;
    if (problems_.full()) {
      problems_.add(entry.line, {}, {});  // only counted
      continue;
    }
    std::string text = "is not a known key; ";
    if (auto near = nearest_name(entry.key, known_))
      text += "did you mean " + std::string{*near} + "?";
    else
      text += "remove it";
    problems_.add(entry.line, path_of(key_in_path(entry.key)), std::move(text));
  }
}

}  // namespace persona_runtime
