#include "providers/store/sqlite/usage_rows.hpp"

#include "providers/store/sqlite/values.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace persona_runtime::sqlite {
namespace {

constexpr auto add_sql = "insert into usage values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                         " on conflict do update set calls = calls + excluded.calls,"
                         " prompt_tokens = prompt_tokens + excluded.prompt_tokens,"
                         " completion_tokens = completion_tokens + excluded.completion_tokens,"
                         " cents = cents + excluded.cents, unpriced = unpriced + excluded.unpriced,"
                         " estimated = estimated + excluded.estimated";
constexpr auto spend_sql =
  "insert into conversation_spent select number, ?2, ?3 from conversation where id = ?1"
  " on conflict do update set cents = cents + excluded.cents,"
  " unpriced = unpriced + excluded.unpriced";

/// What is not summed by stands as a constant, which neither groups nor sorts.
std::string usage_sql(const usage_filter& filter) {
  struct part {
    bool is_wanted;
    const char* column;
    const char* otherwise;
  };
  const auto parts =
    std::array{part{filter.by_owner, "owner", "''"}, part{filter.by_persona, "persona", "''"},
               part{filter.by_day, "day", "0"}, part{filter.by_model, "model", "''"}};
  auto columns = std::string{};
  auto groups = std::string{};
  for (const auto& each : parts) {
    columns.append(each.is_wanted ? each.column : each.otherwise).append(", ");
    if (each.is_wanted)
      groups.append(groups.empty() ? " group by " : ", ").append(each.column);
  }
  auto order = std::string{};
  for (const auto& each : {parts[2], parts[0], parts[1], parts[3]}) {
    if (each.is_wanted)
      order.append(order.empty() ? " order by " : ", ").append(each.column);
    if (each.is_wanted && each.column == parts[2].column)
      order.append(" desc");
  }
  return "select " + columns
         + "sum(calls), sum(prompt_tokens), sum(completion_tokens), sum(cents), sum(unpriced),"
           " sum(estimated), count(*) from usage where (?1 is null or owner = ?1)"
           " and (?2 is null or persona = ?2) and day between ?3 and ?4"
         + groups + order + " limit ?5 offset ?6";
}

constexpr auto looked_at_max = std::ptrdiff_t{16};  // sums, when one more is added

std::optional<std::string_view> or_null(const auto& id) {
  return id ? std::optional<std::string_view>{id->value} : std::nullopt;
}

}  // namespace

void usage_sums::add(std::span<const usage_entry> usage) {
  for (const auto& more : usage) {
    const auto is_same = [&more](const usage_entry& sum) {
      return sum.owner == more.owner && sum.persona == more.persona && sum.day == more.day
             && sum.model == more.model;
    };
    const auto newest = sums_.rbegin() + std::min(std::ssize(sums_), looked_at_max);
    const auto found = std::find_if(sums_.rbegin(), newest, is_same);
    if (found == newest)
      sums_.push_back(more);
    else
      persona_runtime::add(*found, more);
  }
}

usage_writer::usage_writer(connection& db) : add_{db, add_sql}, spend_{db, spend_sql} {
}

void usage_writer::add(std::span<const usage_entry> usage) {
  for (const auto& entry : usage) {
    add_.run(entry.owner.value, entry.day.value, entry.persona.value, entry.model,
             capped(entry.calls), capped(entry.prompt_tokens), capped(entry.completion_tokens),
             entry.cents, capped(entry.unpriced), capped(entry.estimated));
  }
}

void usage_writer::spend(const conversation_id& id, std::span<const usage_entry> usage) {
  for (const auto& entry : usage)
    spend_.run(id.value, entry.cents, capped(entry.unpriced));
}

std::vector<usage_entry> read_usage(connection& db, const usage_filter& filter) {
  constexpr auto last_day = std::int64_t{4'000'000};  // far behind the year 9999
  auto ask = statement{db, usage_sql(filter).c_str()};
  auto rows =
    ask.query(or_null(filter.owner), or_null(filter.persona),
              filter.from ? filter.from->value : -last_day, filter.to ? filter.to->value : last_day,
              std::int64_t{std::clamp(filter.limit, 1U, 1'000U)}, capped(filter.offset));
  auto found = std::vector<usage_entry>{};
  while (rows.next()) {
    if (rows.integer(10) == 0)  // a sum over nothing at all
      continue;
    const auto number = [&rows](int column) {
      return static_cast<std::uint64_t>(rows.integer(column));
    };
    found.push_back({{std::string{rows.text(0)}},
                     {std::string{rows.text(1)}},
                     {rows.integer(2)},
                     std::string{rows.text(3)},
                     number(4),
                     number(5),
                     number(6),
                     rows.real(7),
                     number(8),
                     number(9)});
  }
  return found;
}

spent_cents read_spent(connection& db, const conversation_id& id) {
  auto ask = statement{db, "select s.cents, s.unpriced from conversation c"
                           " join conversation_spent s on s.conversation = c.number"
                           " where c.id = ?1"};
  auto rows = ask.query(id.value);
  if (!rows.next())
    return {};
  return {rows.real(0), static_cast<std::uint64_t>(rows.integer(1))};
}

}  // namespace persona_runtime::sqlite
