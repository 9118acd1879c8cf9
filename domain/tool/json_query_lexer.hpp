#pragma once
// The words of a JSON query. For sources of this folder only.

#include "domain/tool/json_query_syntax.hpp"

namespace persona_runtime {

struct query_token {
  /// Marks are their own text in `text`.
  enum class kind : std::uint8_t { name, number, literal, mark, end };
  kind what = kind::end;
  std::string text;
  boost::json::value literal;
  std::int64_t number = 0;
  bool quoted = false;    // a name in double quotes
  std::size_t place = 0;  // of its first byte
};

/// All words of `query`, the last one being `end`.
[[nodiscard]] queried<std::vector<query_token>> words_of(std::string_view query);

}  // namespace persona_runtime
