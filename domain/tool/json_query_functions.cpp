#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/coercion.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/json_query_values.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace persona_runtime {
namespace {

namespace json = boost::json;
using values = std::span<const found_value>;

/// The kinds of values that a function takes, as bits.
enum takes : unsigned {
  a_number = 1,
  a_string = 2,
  a_list = 4,
  a_record = 8,
  anything = 31,
};

bool is_one_of(unsigned kinds, const json::value& value) {
  if (kinds == anything)
    return true;
  return ((kinds & a_number) != 0 && value.is_number())
         || ((kinds & a_string) != 0 && value.is_string())
         || ((kinds & a_list) != 0 && value.is_array())
         || ((kinds & a_record) != 0 && value.is_object());
}

std::string_view type_of(const json::value& value) {
  if (value.is_number())
    return "number";
  return value.is_bool() ? "boolean"
                         : name_of(value.is_null()     ? schema_type::null
                                   : value.is_string() ? schema_type::string
                                   : value.is_array()  ? schema_type::array
                                                       : schema_type::object);
}

std::string_view text_in(const found_value& value) {
  return value->get_string();
}

query_result made(json::value value) {
  return found_value{std::move(value)};
}

/// Numbers before one another, or texts; false for anything else.
bool before(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number())
    return a.to_number<double>() < b.to_number<double>();
  return a.is_string() && b.is_string() && a.get_string() < b.get_string();
}

bool all_alike(const std::vector<found_value>& keys) {
  return std::all_of(keys.begin(), keys.end(), [](const auto& k) { return k->is_number(); })
         || std::all_of(keys.begin(), keys.end(), [](const auto& k) { return k->is_string(); });
}

/// One key per item of the list; the item itself without an expression.
queried<std::vector<found_value>> keys_of(const found_value& list, const item_expression& by,
                                          query_budget& budget) {
  auto keys = std::vector<found_value>{};
  for (const auto& item : list->get_array()) {
    if (!budget.spend(1))
      return query_over_budget;
    if (!by) {
      keys.push_back(list.part(item));
      continue;
    }
    auto key = by(list.part(item));
    if (!key)
      return key.error();
    keys.push_back(std::move(*key));
  }
  if (!all_alike(keys))
    return query_error{"items can only be ordered when all are numbers or all are strings"};
  return keys;
}

std::vector<std::size_t> order_of(const std::vector<found_value>& keys) {
  auto order = std::vector<std::size_t>(keys.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return before(*keys[a], *keys[b]); });
  return order;
}

query_result sorted(const found_value& list, const item_expression& by, query_budget& budget) {
  const auto keys = keys_of(list, by, budget);
  if (!keys)
    return keys.error();
  if (!budget.spend_on(*list))
    return query_over_budget;
  auto items = json::array{};
  for (const auto i : order_of(*keys))
    items.push_back(list->get_array()[i]);
  return made(std::move(items));
}

query_result extreme(const found_value& list, const item_expression& by, bool greatest,
                     query_budget& budget) {
  const auto keys = keys_of(list, by, budget);
  if (!keys)
    return keys.error();
  if (keys->empty())
    return found_value{};
  auto best = std::size_t{0};
  for (std::size_t i = 1; i < keys->size(); ++i) {
    const auto better =
      greatest ? before(*(*keys)[best], *(*keys)[i]) : before(*(*keys)[i], *(*keys)[best]);
    best = better ? i : best;
  }
  return list.part(list->get_array()[best]);
}

query_result mapped(const found_value& list, const item_expression& by, query_budget& budget) {
  auto items = json::array{};
  for (const auto& item : list->get_array()) {
    const auto value = by(list.part(item));
    if (!value)
      return value;
    if (!budget.spend_on(**value))
      return query_over_budget;
    items.push_back(**value);
  }
  return made(std::move(items));
}

json::value length_of(const json::value& value) {
  if (value.is_string())
    return character_count(value.get_string());
  return value.is_array() ? value.get_array().size() : value.get_object().size();
}

/// Whole as long as all items are whole and the sum fits.
query_result summed(const json::array& items, bool average) {
  auto whole = std::int64_t{0};
  auto exact = true;
  auto sum = 0.0;
  for (const auto& item : items) {
    if (!item.is_number())
      return query_error{"only numbers can be added up"};
    sum += item.to_number<double>();
    exact = exact && item.is_int64() && !__builtin_add_overflow(whole, item.get_int64(), &whole);
  }
  if (average)
    return items.empty() ? found_value{} : found_value{json::value(sum / double(items.size()))};
  return made(exact ? json::value(whole) : json::value(sum));
}

query_result rounded(const json::value& value, double (*f)(double)) {
  if (!value.is_double())
    return made(value);
  const auto number = f(value.get_double());
  if (std::abs(number) < 9e15)
    return made(static_cast<std::int64_t>(number));
  return made(number);
}

query_result absolute(const json::value& value) {
  if (value.is_double())
    return made(std::abs(value.get_double()));
  if (!value.is_int64() || value.get_int64() >= 0)
    return made(value);
  return made(std::uint64_t{0} - static_cast<std::uint64_t>(value.get_int64()));
}

query_result joined_items(std::string_view glue, const json::array& items, query_budget& budget) {
  auto text = std::string{};
  for (const auto& item : items) {
    if (!item.is_string())
      return query_error{"only strings can be joined"};
    if (!budget.spend(1 + (glue.size() + item.get_string().size()) / 16))
      return query_over_budget;
    if (&item != &items.front())
      text += glue;
    text += std::string_view{item.get_string()};
  }
  return made(json::string{text});
}

query_result reversed(const found_value& value, query_budget& budget) {
  if (!budget.spend_on(*value))
    return query_over_budget;
  if (const auto* items = value->if_array())
    return made(json::array(std::make_reverse_iterator(items->end()),
                            std::make_reverse_iterator(items->begin())));
  auto out = std::string{};
  auto rest = text_in(value);
  while (!rest.empty()) {
    const auto point = first_characters(rest, 1);
    out.insert(0, point);
    rest.remove_prefix(point.size());
    if (!budget.spend(1 + out.size() / 64))
      return query_over_budget;
  }
  return made(json::string{out});
}

json::value contains(const json::value& whole, const json::value& part) {
  if (whole.is_string())
    return part.is_string()
           && std::string_view{whole.get_string()}.find(std::string_view{part.get_string()})
                != std::string_view::npos;
  const auto& items = whole.get_array();
  return std::any_of(items.begin(), items.end(),
                     [&](const json::value& item) { return same_json(item, part); });
}

query_result members(const found_value& record, bool names, query_budget& budget) {
  if (!budget.spend_on(*record))
    return query_over_budget;
  auto items = json::array{};
  for (const auto& member : record->get_object())
    items.push_back(names ? json::value(json::string{member.key()}) : member.value());
  return made(std::move(items));
}

query_result merged(values records, query_budget& budget) {
  auto all = json::object{};
  for (const auto& record : records) {
    if (!record->is_object())
      return query_error{"only objects can be merged"};
    if (!budget.spend_on(*record))
      return query_over_budget;
    for (const auto& member : record->get_object())
      all.insert_or_assign(member.key(), member.value());
  }
  return made(std::move(all));
}

query_result as_number(const json::value& value) {
  auto number = value;
  if (number.is_number() || (number.is_string() && coerce(schema_type::number, number)))
    return made(std::move(number));
  return found_value{};
}

query_result as_text(const found_value& value, query_budget& budget) {
  if (value->is_string())
    return value;
  if (!budget.spend_on(*value))
    return query_over_budget;
  return made(json::string{json_text(*value)});
}

query_result as_list(const found_value& value, query_budget& budget) {
  if (value->is_array())
    return value;
  if (!budget.spend_on(*value))
    return query_over_budget;
  auto items = json::array{};
  items.push_back(*value);
  return made(std::move(items));
}

query_result first_not_null(values all) {
  for (const auto& value : all) {
    if (!value->is_null())
      return value;
  }
  return found_value{};
}

struct query_function {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  unsigned first;  // what the first and the second argument may be
  unsigned second;
  query_result (*call)(values, const item_expression&, query_budget&);
};

constexpr std::size_t many = 64;

constexpr auto query_functions = std::array{
  query_function{"abs", 1, 1, a_number, anything,
                 [](values a, const auto&, auto&) { return absolute(*a[0]); }},
  query_function{"avg", 1, 1, a_list, anything,
                 [](values a, const auto&, auto&) { return summed(a[0]->get_array(), true); }},
  query_function{"ceil", 1, 1, a_number, anything,
                 [](values a, const auto&, auto&) { return rounded(*a[0], std::ceil); }},
  query_function{"contains", 2, 2, a_list | a_string, anything,
                 [](values a, const auto&, auto&) { return made(contains(*a[0], *a[1])); }},
  query_function{
    "ends_with", 2, 2, a_string, a_string,
    [](values a, const auto&, auto&) { return made(text_in(a[0]).ends_with(text_in(a[1]))); }},
  query_function{"floor", 1, 1, a_number, anything,
                 [](values a, const auto&, auto&) { return rounded(*a[0], std::floor); }},
  query_function{"join", 2, 2, a_string, a_list,
                 [](values a, const auto&, auto& b) {
                   return joined_items(text_in(a[0]), a[1]->get_array(), b);
                 }},
  query_function{"keys", 1, 1, a_record, anything,
                 [](values a, const auto&, auto& b) { return members(a[0], true, b); }},
  query_function{"length", 1, 1, a_string | a_list | a_record, anything,
                 [](values a, const auto&, auto&) { return made(length_of(*a[0])); }},
  query_function{"map", 1, 1, a_list, anything,
                 [](values a, const auto& by, auto& b) { return mapped(a[0], by, b); }},
  query_function{"max", 1, 1, a_list, anything,
                 [](values a, const auto&, auto& b) { return extreme(a[0], {}, true, b); }},
  query_function{"max_by", 1, 1, a_list, anything,
                 [](values a, const auto& by, auto& b) { return extreme(a[0], by, true, b); }},
  query_function{"merge", 1, many, a_record, a_record,
                 [](values a, const auto&, auto& b) { return merged(a, b); }},
  query_function{"min", 1, 1, a_list, anything,
                 [](values a, const auto&, auto& b) { return extreme(a[0], {}, false, b); }},
  query_function{"min_by", 1, 1, a_list, anything,
                 [](values a, const auto& by, auto& b) { return extreme(a[0], by, false, b); }},
  query_function{"not_null", 1, many, anything, anything,
                 [](values a, const auto&, auto&) { return first_not_null(a); }},
  query_function{"reverse", 1, 1, a_string | a_list, anything,
                 [](values a, const auto&, auto& b) { return reversed(a[0], b); }},
  query_function{"sort", 1, 1, a_list, anything,
                 [](values a, const auto&, auto& b) { return sorted(a[0], {}, b); }},
  query_function{"sort_by", 1, 1, a_list, anything,
                 [](values a, const auto& by, auto& b) { return sorted(a[0], by, b); }},
  query_function{
    "starts_with", 2, 2, a_string, a_string,
    [](values a, const auto&, auto&) { return made(text_in(a[0]).starts_with(text_in(a[1]))); }},
  query_function{"sum", 1, 1, a_list, anything,
                 [](values a, const auto&, auto&) { return summed(a[0]->get_array(), false); }},
  query_function{"to_array", 1, 1, anything, anything,
                 [](values a, const auto&, auto& b) { return as_list(a[0], b); }},
  query_function{"to_number", 1, 1, anything, anything,
                 [](values a, const auto&, auto&) { return as_number(*a[0]); }},
  query_function{"to_string", 1, 1, anything, anything,
                 [](values a, const auto&, auto& b) { return as_text(a[0], b); }},
  query_function{"type", 1, 1, anything, anything,
                 [](values a, const auto&, auto&) { return made(json::string{type_of(*a[0])}); }},
  query_function{"values", 1, 1, a_record, anything,
                 [](values a, const auto&, auto& b) { return members(a[0], false, b); }},
};

}  // namespace

query_result call_query_function(std::string_view name, values arguments, const item_expression& by,
                                 query_budget& budget) {
  const auto found = std::find_if(query_functions.begin(), query_functions.end(),
                                  [&](const query_function& f) { return f.name == name; });
  if (found == query_functions.end())
    return query_error{"there is no function " + std::string{name}};
  if (arguments.size() < found->least || arguments.size() > found->most)
    return query_error{std::string{name} + " takes another number of arguments"};
  for (std::size_t i = 0; i < arguments.size() && i < 2; ++i) {
    if (!is_one_of(i == 0 ? found->first : found->second, *arguments[i]))
      return query_error{std::string{name} + " cannot take a value of type "
                         + std::string{type_of(*arguments[i])}};
  }
  return found->call(arguments, by, budget);
}

std::optional<std::size_t> expression_argument(std::string_view name) {
  if (name == "map")
    return 0;
  if (name == "max_by" || name == "min_by" || name == "sort_by")
    return 1;
  return std::nullopt;
}

}  // namespace persona_runtime
