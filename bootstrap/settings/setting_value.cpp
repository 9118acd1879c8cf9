#include "bootstrap/settings/setting_value.hpp"

#include "bootstrap/settings/units.hpp"
#include "domain/text/ascii.hpp"
#include "domain/text/ascii_case.hpp"
#include "domain/text/listen_address.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr std::size_t text_bytes_max = 4096;
constexpr std::size_t list_items_max = 1000;

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

bool is_scalar(const yaml_node& node) {
  return node.kind != yaml_kind::sequence && node.kind != yaml_kind::mapping
         && node.kind != yaml_kind::null;
}

bool is_number(const yaml_node& node) {
  return node.plain && (node.kind == yaml_kind::integer || node.kind == yaml_kind::real);
}

template <class Visit>
void for_each_choice(std::string_view choices, Visit visit) {
  while (!choices.empty()) {
    const auto end = std::min(choices.find('|'), choices.size());
    visit(choices.substr(0, end));
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
}

using complaint = std::optional<std::string>;

/// Reads one value of each type; the answer is what is wrong.
class value_reader {
public:
  value_reader(const setting_key& key, const yaml_node& node) : key_{key}, node_{node} {}

  template <class T>
  complaint operator()(std::optional<T>* field) const {
    if (node_.kind == yaml_kind::null) {
      field->reset();
      return {};
    }
    T value{};
    auto wrong = (*this)(&value);
    if (!wrong)
      *field = std::move(value);
    return wrong;
  }

  complaint operator()(bool* field) const {
    if (!node_.plain || node_.kind != yaml_kind::boolean)
      return wanted("true or false");
    *field = boolean_of(node_.text);
    return {};
  }

  complaint operator()(std::uint32_t* field) const { return integer(field); }
  complaint operator()(std::uint64_t* field) const { return integer(field); }

  complaint operator()(double* field) const {
    if (!is_number(node_))
      return wanted("a number");
    const double value = number_of(node_.kind, node_.text);
    if (!std::isfinite(value) || !is_in_range(value))
      return out_of_range("number");
    *field = value;
    return {};
  }

  complaint operator()(std::chrono::milliseconds* field) const {
    const auto value = is_scalar(node_) ? parse_duration(node_.text) : std::nullopt;
    if (!value)
      return wanted("a duration with its unit, such as 500ms, 10s, 5m or 24h");
    if (!is_in_range(static_cast<double>(value->count())))
      return out_of_range("duration");
    *field = *value;
    return {};
  }

  complaint operator()(byte_size* field) const {
    const auto value = is_scalar(node_) ? parse_size(node_.text) : std::nullopt;
    if (!value)
      return wanted("a size with its unit, such as 64KiB or 1MiB");
    if (!is_in_range(static_cast<double>(*value)))
      return out_of_range("size");
    field->bytes = *value;
    return {};
  }

  complaint operator()(std::string* field) const {
    if (!is_scalar(node_) || trimmed(node_.text).empty())
      return wanted("a text");
    if (node_.text.size() > text_bytes_max)
      return "the text is longer than 4096 bytes";
    if (key_.choices.empty()) {
      *field = node_.text;
      return {};
    }
    return choose(field);
  }

  complaint operator()(secret* field) const {
    if (!is_scalar(node_) || trimmed(node_.text).empty())
      return "a text is wanted here";
    if (node_.text.size() > text_bytes_max)
      return "the text is longer than 4096 bytes";
    *field = secret{node_.text};
    return {};
  }

  complaint operator()(std::vector<std::string>* field) const {
    if (node_.kind == yaml_kind::null) {
      field->clear();
      return {};
    }
    if (node_.kind != yaml_kind::sequence)
      return wanted("a list of texts, such as [one, two]");
    if (node_.items.size() > list_items_max)
      return "the list has more than 1000 items";
    std::vector<std::string> items;
    for (const auto& item : node_.items) {
      if (!is_scalar(*item) || item->text.size() > text_bytes_max) {
        return "every item of the list is a text of at most 4096 bytes";
      }
      items.push_back(item->text);
    }
    *field = std::move(items);
    return {};
  }

  complaint operator()(json_object* field) const {
    if (node_.kind != yaml_kind::mapping)
      return wanted("a mapping");
    auto text = json_text(node_);
    if (!text)
      return "the mapping holds a number that is not finite";
    field->text = std::move(*text);
    return {};
  }

  complaint operator()(listen_address* field) const {
    const auto text = is_scalar(node_) ? std::string_view{node_.text} : std::string_view{};
    auto read = parse_listen_address(text);
    if (!read)
      return no_address();
    *field = std::move(*read);
    return {};
  }

private:
  complaint wanted(std::string_view what) const {
    std::string said = node_.kind == yaml_kind::null ? "nothing stands here"
                       : is_scalar(node_)
                         ? in_quotes(node_.text) + (node_.plain ? "" : " (quoted)") + " stands here"
                       : node_.kind == yaml_kind::sequence ? "a list stands here"
                                                           : "a mapping stands here";
    return said.append("; wanted is ").append(what);
  }

  complaint no_address() const {
    return wanted("ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080, port 0 to 65535");
  }

  template <class T>
  complaint integer(T* field) const {
    if (!node_.plain || node_.kind != yaml_kind::integer)
      return wanted("an integer");
    const double value = number_of(node_.kind, node_.text);
    if (!is_in_range(value))
      return out_of_range("integer");
    *field = static_cast<T>(value);
    return {};
  }

  complaint choose(std::string* field) const {
    std::string found;
    const auto given = ascii_lower(trimmed(node_.text));
    for_each_choice(key_.choices, [&](std::string_view choice) {
      if (choice == given)
        found = choice;
    });
    if (found.empty())
      return wanted(range_text(key_, field));
    *field = found;
    return {};
  }

  [[nodiscard]] bool is_in_range(double value) const {
    return value >= key_.min && value <= key_.max;
  }

  [[nodiscard]] complaint out_of_range(std::string_view type) const {
    settings_draft any;
    return in_quotes(node_.text) + " is out of range; wanted is "
           + (type == "integer" ? "an " : "a ") + std::string{type} + ", "
           + range_text(key_, key_.field(any));
  }

  const setting_key& key_;
  const yaml_node& node_;
};

struct value_writer {
  template <class T>
  std::string operator()(const std::optional<T>* field) const {
    return *field ? (*this)(&**field) : "null";
  }
  std::string operator()(const bool* field) const { return *field ? "true" : "false"; }
  std::string operator()(const std::uint32_t* field) const { return std::to_string(*field); }
  std::string operator()(const std::uint64_t* field) const { return std::to_string(*field); }
  std::string operator()(const double* field) const { return number_text(*field); }
  std::string operator()(const std::chrono::milliseconds* field) const {
    return duration_text(*field);
  }
  std::string operator()(const byte_size* field) const { return size_text(field->bytes); }
  std::string operator()(const std::string* field) const { return *field; }
  std::string operator()(const secret* field) const { return field->empty() ? "null" : "***"; }
  std::string operator()(const std::vector<std::string>* field) const {
    std::string out = "[";
    for (const auto& item : *field)
      out.append(out.size() > 1 ? ", " : "").append(item);
    return out + ']';
  }
  std::string operator()(const json_object* field) const {
    return field->text.empty() ? "null" : field->text;
  }
  std::string operator()(const listen_address* field) const {
    const bool is_v6 = field->host.find(':') != std::string::npos;
    return (is_v6 ? '[' + field->host + ']' : field->host) + ':' + std::to_string(field->port);
  }
};

struct type_namer {
  template <class T>
  std::string_view operator()(const std::optional<T>*) const {
    return (*this)(static_cast<const T*>(nullptr));
  }
  std::string_view operator()(const bool*) const { return "true or false"; }
  std::string_view operator()(const std::uint32_t*) const { return "integer"; }
  std::string_view operator()(const std::uint64_t*) const { return "integer"; }
  std::string_view operator()(const double*) const { return "number"; }
  std::string_view operator()(const std::chrono::milliseconds*) const { return "duration"; }
  std::string_view operator()(const byte_size*) const { return "size"; }
  std::string_view operator()(const std::string*) const { return "text"; }
  std::string_view operator()(const secret*) const { return "secret text"; }
  std::string_view operator()(const std::vector<std::string>*) const { return "list of texts"; }
  std::string_view operator()(const json_object*) const { return "mapping"; }
  std::string_view operator()(const listen_address*) const { return "address"; }
};

/// Null when a number of the tree has no JSON form.
bool to_json(const yaml_node& node, json::value& out) {
  switch (node.kind) {
  case yaml_kind::null:
    out = nullptr;
    return true;
  case yaml_kind::boolean:
    out = boolean_of(node.text);
    return true;
  case yaml_kind::integer:
  case yaml_kind::real: {
    const double value = number_of(node.kind, node.text);
    constexpr double exact_most = 9007199254740992.0;
    if (node.kind == yaml_kind::integer && std::abs(value) <= exact_most) {
      out = static_cast<std::int64_t>(value);
    } else {
      out = value;
    }
    return std::isfinite(value);
  }
  case yaml_kind::timestamp:
  case yaml_kind::text:
    out = node.text;
    return true;
  case yaml_kind::sequence: {
    auto& items = out.emplace_array();
    return std::all_of(node.items.begin(), node.items.end(), [&](const yaml_ptr& item) {
      return to_json(*item, items.emplace_back(nullptr));
    });
  }
  case yaml_kind::mapping: {
    auto& entries = out.emplace_object();
    return std::all_of(node.entries.begin(), node.entries.end(), [&](const yaml_entry& entry) {
      return to_json(*entry.value, entries[entry.key]);
    });
  }
  }
  return false;
}

}  // namespace

std::optional<std::string> assign(const setting_key& key, const setting_field& field,
                                  const yaml_node& node) {
  return std::visit(value_reader{key, node}, field);
}

std::string value_text(const setting_field& field) {
  return std::visit(value_writer{}, field);
}

std::string_view type_text(const setting_field& field) {
  return std::visit(type_namer{}, field);
}

std::string range_text(const setting_key& key, const setting_field& field) {
  if (!key.choices.empty()) {
    std::string out;
    for_each_choice(key.choices, [&](std::string_view choice) {
      out.append(out.empty() ? "one of " : ", ").append(choice);
    });
    return out;
  }
  if (key.max == 0)
    return {};
  const auto type = type_text(field);
  const auto bound = [&](double value) {
    if (type == "duration") {
      return duration_text(std::chrono::milliseconds{static_cast<std::int64_t>(value)});
    }
    return type == "size" ? size_text(static_cast<std::uint64_t>(value)) : number_text(value);
  };
  return bound(key.min) + " to " + bound(key.max);
}

std::optional<std::string> json_text(const yaml_node& node) {
  json::value value;
  if (!to_json(node, value))
    return std::nullopt;
  return json::serialize(value);
}

yaml_node plain_scalar(std::string text) {
  yaml_node node;
  node.kind = kind_of_plain(text);
  node.plain = true;
  node.text = std::move(text);
  return node;
}

}  // namespace persona_runtime
