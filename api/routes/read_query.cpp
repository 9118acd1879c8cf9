#include "api/routes/read_query.hpp"

#include "api/routes/body_reader.hpp"

#include <limits>
#include <string>

namespace persona_runtime::api {
namespace {

// What a client may count to: every JSON reader and the database keep it.
constexpr auto offset_max = std::uint64_t{std::numeric_limits<std::int64_t>::max()};

}  // namespace

failure one_problem(std::string_view type, std::string_view where, std::string_view name,
                    std::string_view message) {
  auto problems = problem_list{};
  problems.add(type, where, name, message);
  return problems.to_failure();
}

result<page_query> read_page_query(const request_target& target, std::uint32_t limit_usual,
                                   std::uint32_t limit_max) {
  auto query = page_query{limit_usual, 0};
  if (const auto text = target.parameter("limit")) {
    const auto limit = number_of<std::uint32_t>(*text);
    if (!limit || *limit < 1 || *limit > limit_max) {
      return one_problem("out_of_range", "query", "limit",
                         "must be an integer from 1 to " + std::to_string(limit_max));
    }
    query.limit = *limit;
  }
  if (const auto text = target.parameter("offset")) {
    const auto offset = number_of<std::uint64_t>(*text);
    if (!offset || *offset > offset_max)
      return one_problem("out_of_range", "query", "offset", "must be an integer of at least 0");
    query.offset = *offset;
  }
  return query;
}

result<std::optional<std::uint64_t>> read_position(const request_target& target,
                                                   std::string_view name) {
  const auto text = target.parameter(name);
  if (!text)
    return std::optional<std::uint64_t>{};
  const auto position = number_of<std::uint64_t>(*text);
  if (!position)
    return one_problem("out_of_range", "query", name,
                       "must be a position: an integer of at least 0");
  return std::optional{*position};
}

}  // namespace persona_runtime::api
