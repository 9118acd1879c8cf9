#pragma once
// What every reader of query parameters needs: numbers, pages, and the failure for one of them.
// Pure.

#include "api/api_settings.hpp"
#include "api/http/target.hpp"
#include "domain/failure.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace persona_runtime::api {

/// validation_error of one problem; `where` is "body", "query" or "header".
[[nodiscard]] failure one_problem(std::string_view type, std::string_view where,
                                  std::string_view name, std::string_view message);

/// The number that the whole text is; none: it is something else, or too large.
template <class Number>
[[nodiscard]] std::optional<Number> number_of(std::string_view text) {
  auto number = Number{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

struct page_query {
  std::uint32_t limit = 50;
  std::uint64_t offset = 0;
};
/// ?limit= of 1 to `limit_max` (`limit_usual` when it is not there) and ?offset= of at least 0.
[[nodiscard]] result<page_query> read_page_query(const request_target& target,
                                                 std::uint32_t limit_usual = 50,
                                                 std::uint32_t limit_max = page_max);

/// ?NAME=, a position in a list; none: it is not there.
[[nodiscard]] result<std::optional<std::uint64_t>> read_position(const request_target& target,
                                                                 std::string_view name);

}  // namespace persona_runtime::api
