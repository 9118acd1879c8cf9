#pragma once
// How a JSON query is read. For sources of this folder only.

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Of brackets in a query, of the JSON in it and of the document.
inline constexpr int query_depth_max = 64;

struct query_error {
  std::string text;
};

template <class T>
using queried = boost::system::result<T, query_error>;

/// One node. Which parts count depends on the kind.
struct query_node {
  enum class kind : std::uint8_t {
    current,     // the value itself
    literal,     // `literal`
    field,       // `name`
    index,       // `number`
    slice,       // `bounds`
    pair,        // children[1] of what children[0] finds
    each,        // children[1] of every item of the list that children[0] finds
    each_value,  // likewise, of every member of an object
    flatten,     // likewise, with lists in the list opened once
    filter,      // likewise, of the items for which children[2] holds
    pipe,        // like pair, but ends a projection
    either,      // || of two
    both,        // && of two
    negation,    // ! of one
    comparison,  // `name` of two
    list,        // of all children
    record,      // `names[i]`: children[i]
    call,        // `name` of all children
    reference,   // &child, for functions that take an expression
  };
  kind what = kind::current;
  std::string name;
  std::int64_t number = 0;
  std::optional<std::int64_t> bounds[3];
  boost::json::value literal;
  std::vector<std::string> names;
  std::vector<query_node> children;
};

/// The tree of `query`, or where and why it cannot be read.
[[nodiscard]] queried<query_node> parse_query(std::string_view query);

}  // namespace persona_runtime
