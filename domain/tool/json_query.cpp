#include "domain/tool/json_query.hpp"

#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/coercion.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/json_query_values.hpp"
#include "domain/tool/result_bounds.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr std::size_t input_points_max = 1'000'000;
constexpr std::size_t query_bytes_max = 4'096;
constexpr std::size_t content_points_max = 8'000;
constexpr std::size_t data_bytes_max = 64 * 1024;

class query_evaluator {
  using node = query_node;
  using kind = query_node::kind;

public:
  query_result find(const node& n, const found_value& in) {
    if (!budget_.spend(1))
      return query_over_budget;
    switch (n.what) {
    case kind::current:
      return in;
    case kind::literal:
      return copied(n.literal);
    case kind::field:
      return field(n.name, in);
    case kind::index:
      return index(n.number, in);
    case kind::slice:
      return slice(n, in);
    case kind::pair:
    case kind::pipe:
      return pair(n, in);
    case kind::each:
    case kind::each_value:
    case kind::flatten:
    case kind::filter:
      return projection(n, in);
    case kind::either:
    case kind::both:
    case kind::negation:
      return logic(n, in);
    case kind::comparison:
      return comparison(n, in);
    case kind::list:
    case kind::record:
      return collection(n, in);
    case kind::call:
      return call(n, in);
    case kind::reference:
      break;
    }
    return query_error{"& stands only before an argument of map, sort_by, max_by or min_by"};
  }

private:
  query_result copied(const json::value& value) {
    if (!budget_.spend_on(value))
      return query_over_budget;
    return found_value{value};
  }

  static query_result field(const std::string& name, const found_value& in) {
    const auto* record = in->if_object();
    const auto* member = record == nullptr ? nullptr : record->if_contains(name);
    return member == nullptr ? found_value{} : in.part(*member);
  }

  static query_result index(std::int64_t number, const found_value& in) {
    const auto* items = in->if_array();
    if (items == nullptr)
      return found_value{};
    const auto size = static_cast<std::int64_t>(items->size());
    const auto place = number < 0 && number >= -size ? number + size : number;
    if (place < 0 || place >= size)
      return found_value{};
    return in.part((*items)[static_cast<std::size_t>(place)]);
  }

  /// As Python slices: bounds outside are pulled in, negative ones count from the end.
  query_result slice(const node& n, const found_value& in) {
    const auto* items = in->if_array();
    if (items == nullptr)
      return found_value{};
    const auto size = static_cast<std::int64_t>(items->size());
    const auto step = std::clamp<std::int64_t>(n.bounds[2].value_or(1), -size - 1, size + 1);
    const auto low = step > 0 ? std::int64_t{0} : std::int64_t{-1};
    const auto high = step > 0 ? size : size - 1;
    const auto pulled = [&](std::optional<std::int64_t> bound, std::int64_t otherwise) {
      if (!bound)
        return otherwise;
      const auto place = *bound < 0 ? std::max(*bound, -size - 1) + size : *bound;
      return std::clamp(place, low, high);
    };
    const auto stop = pulled(n.bounds[1], step > 0 ? high : low);
    auto taken = json::array{};
    for (auto i = pulled(n.bounds[0], step > 0 ? low : high); step > 0 ? i < stop : i > stop;
         i += step) {
      const auto& item = (*items)[static_cast<std::size_t>(i)];
      if (!budget_.spend_on(item))
        return query_over_budget;
      taken.push_back(item);
    }
    return found_value{std::move(taken)};
  }

  query_result pair(const node& n, const found_value& in) {
    const auto left = find(n.children[0], in);
    if (!left)
      return left;
    // A name in nothing is nothing, but @, a literal or a call may still make something of it.
    return find(n.children[1], *left);
  }

  query_result projection(const node& n, const found_value& in) {
    const auto left = find(n.children[0], in);
    if (!left)
      return left;
    auto items = std::vector<found_value>{};
    if (!items_of(n.what, *left, items))
      return found_value{};
    auto taken = json::array{};
    for (const auto& item : items) {
      if (n.what == kind::filter) {
        const auto wanted = find(n.children[2], item);
        if (!wanted)
          return wanted;
        if (!holds(**wanted))
          continue;
      }
      const auto value = find(n.children[1], item);
      if (!value)
        return value;
      if ((*value)->is_null())
        continue;
      if (!budget_.spend_on(**value))
        return query_over_budget;
      taken.push_back(**value);
    }
    return found_value{std::move(taken)};
  }

  /// What a projection goes over; false when the value is none of the kind that it takes.
  static bool items_of(kind what, const found_value& value, std::vector<found_value>& items) {
    if (what == kind::each_value) {
      if (!value->is_object())
        return false;
      for (const auto& member : value->get_object())
        items.push_back(value.part(member.value()));
      return true;
    }
    if (!value->is_array())
      return false;
    for (const auto& item : value->get_array()) {
      if (what != kind::flatten || !item.is_array()) {
        items.push_back(value.part(item));
        continue;
      }
      for (const auto& inner : item.get_array())
        items.push_back(value.part(inner));
    }
    return true;
  }

  query_result logic(const node& n, const found_value& in) {
    auto left = find(n.children[0], in);
    if (!left)
      return left;
    const auto truth = holds(**left);
    if (n.what == kind::negation)
      return found_value{json::value(!truth)};
    return truth == (n.what == kind::either) ? left : find(n.children[1], in);
  }

  query_result comparison(const node& n, const found_value& in) {
    const auto left = find(n.children[0], in);
    if (!left)
      return left;
    const auto right = find(n.children[1], in);
    if (!right)
      return right;
    const auto& a = **left;
    const auto& b = **right;
    if (n.name == "==" || n.name == "!=") {
      if (!budget_.spend_on(a))
        return query_over_budget;
      return found_value{json::value(same_json(a, b) == (n.name == "=="))};
    }
    if (!a.is_number() || !b.is_number())
      return found_value{};
    const auto x = a.to_number<double>();
    const auto y = b.to_number<double>();
    const auto is = n.name == "<"    ? x < y
                    : n.name == "<=" ? x <= y
                    : n.name == ">"  ? x > y
                                     : x >= y;
    return found_value{json::value(is)};
  }

  query_result collection(const node& n, const found_value& in) {
    if (in->is_null())
      return found_value{};
    auto items = json::array{};
    auto record = json::object{};
    for (std::size_t i = 0; i < n.children.size(); ++i) {
      const auto value = find(n.children[i], in);
      if (!value)
        return value;
      if (!budget_.spend_on(**value))
        return query_over_budget;
      if (n.what == kind::list) {
        items.push_back(**value);
      } else {
        record.insert_or_assign(n.names[i], **value);
      }
    }
    return n.what == kind::list ? found_value{std::move(items)} : found_value{std::move(record)};
  }

  query_result call(const node& n, const found_value& in) {
    const auto place = expression_argument(n.name);
    auto by = item_expression{};
    auto arguments = std::vector<found_value>{};
    for (std::size_t i = 0; i < n.children.size(); ++i) {
      const auto& child = n.children[i];
      if (place == i) {
        if (child.what != kind::reference)
          return query_error{n.name + " takes an expression with & before it"};
        by = [this, &child](const found_value& item) { return find(child.children[0], item); };
        continue;
      }
      auto value = find(child, in);
      if (!value)
        return value;
      arguments.push_back(std::move(*value));
    }
    if (place && !by)
      return query_error{n.name + " takes an expression with & before it"};
    return call_query_function(n.name, arguments, by, budget_);
  }

  query_budget budget_;
};

tool_result answered(const json::value& value) {
  auto result = tool_result{};
  if (value.is_null()) {
    result.content = "No match: the query finds nothing in this document.";
    result.data = R"({"matched":false,"result":null})";
    return result;
  }
  const auto text = json_text(value);
  const auto cut = first_characters(text, content_points_max);
  result.content = std::string{cut};
  result.truncated = cut.size() < text.size();
  result.data = text.size() <= data_bytes_max ? R"({"matched":true,"result":)" + text + "}"
                                              : R"({"matched":true,"result":null,"left_out":true})";
  return result;
}

}  // namespace

bool query_budget::spend(std::size_t steps) {
  left_ = steps > left_ ? 0 : left_ - steps;
  return left_ > 0;
}

bool query_budget::spend_on(const json::value& value) {
  if (const auto* text = value.if_string())
    return spend(1 + text->size() / 16);
  if (const auto* items = value.if_array())
    return spend(1) && std::all_of(items->begin(), items->end(), [this](const json::value& item) {
             return spend_on(item);
           });
  const auto* members = value.if_object();
  if (members == nullptr)
    return spend(1);
  return spend(1) && std::all_of(members->begin(), members->end(), [this](const auto& member) {
           return spend(1 + member.key().size() / 16) && spend_on(member.value());
         });
}

bool holds(const json::value& value) {
  if (value.is_bool())
    return value.get_bool();
  if (const auto* text = value.if_string())
    return !text->empty();
  if (const auto* items = value.if_array())
    return !items->empty();
  if (const auto* members = value.if_object())
    return !members->empty();
  return !value.is_null();
}

tool_result query_json(std::string_view json_input, std::string_view query) {
  if (character_count(json_input) > input_points_max)
    return error_result("json_input is longer than 1,000,000 characters");
  if (query.size() > query_bytes_max)
    return error_result("query is longer than 4,096 bytes");
  auto error = json::error_code{};
  auto options = json::parse_options{};
  options.max_depth = query_depth_max;
  auto document = json::parse(json_input, error, {}, options);
  if (error)
    return error_result("json_input is not JSON: " + error.message());
  const auto tree = parse_query(query);
  if (!tree)
    return error_result("query cannot be read: " + tree.error().text);
  auto walker = query_evaluator{};
  const auto found = walker.find(*tree, found_value{std::move(document)});
  if (!found)
    return error_result("query fails: " + found.error().text);
  return answered(**found);
}

}  // namespace persona_runtime
