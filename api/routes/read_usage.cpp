#include "api/routes/read_usage.hpp"

#include "api/routes/body_reader.hpp"

#include <charconv>
#include <limits>

namespace persona_runtime::api {
namespace {

constexpr auto usage_page_max = std::uint32_t{1'000};

failure wrong(std::string_view name, std::string_view message) {
  auto problems = problem_list{};
  problems.add("invalid", "query", name, message);
  return problems.to_failure();
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  auto number = Number{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

result<void> read_group(std::string_view group, usage_filter& filter) {
  filter.by_owner = filter.by_persona = filter.by_day = filter.by_model = false;
  while (!group.empty()) {
    const auto end = std::min(group.find(','), group.size());
    const auto word = group.substr(0, end);
    group.remove_prefix(std::min(end + 1, group.size()));
    if (word == "owner")
      filter.by_owner = true;
    else if (word == "persona")
      filter.by_persona = true;
    else if (word == "day")
      filter.by_day = true;
    else if (word == "model")
      filter.by_model = true;
    else
      return wrong("group", "must be some of owner, persona, day and model, with commas between");
  }
  return {};
}

result<void> read_days(const request_target& target, usage_filter& filter) {
  for (const auto* name : {"from", "to"}) {
    const auto text = target.parameter(name);
    if (!text)
      continue;
    const auto day = parse_usage_day(*text);
    if (!day)
      return wrong(name, "must be a day such as 2026-11-22 (UTC)");
    (std::string_view{name} == "from" ? filter.from : filter.to) = day;
  }
  if (filter.from && filter.to && *filter.to < *filter.from)
    return wrong("to", "must not lie before from");
  return {};
}

result<void> read_page(const request_target& target, usage_filter& filter) {
  if (const auto text = target.parameter("limit")) {
    const auto limit = number_in<std::uint32_t>(*text);
    if (!limit || *limit < 1 || *limit > usage_page_max)
      return wrong("limit", "must be an integer from 1 to 1000");
    filter.limit = *limit;
  }
  if (const auto text = target.parameter("offset")) {
    const auto offset = number_in<std::uint64_t>(*text);
    if (!offset || *offset > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
      return wrong("offset", "must be an integer of at least 0");
    filter.offset = *offset;
  }
  return {};
}

}  // namespace

result<usage_filter> read_usage_query(const request_target& target, const caller& who) {
  auto filter = usage_filter{};
  if (!who.admin)
    filter.owner = who.owner;
  if (const auto owner = target.parameter("owner")) {
    if (!who.admin && *owner != who.owner.value)
      return wrong("owner", "must be your own; only an admin sees what others use");
    filter.owner = owner_id{std::string{*owner}};
  }
  if (const auto persona = target.parameter("persona_id"))
    filter.persona = persona_id{std::string{*persona}};
  const auto grouped = read_group(target.parameter("group").value_or("day,model"), filter);
  const auto dated = read_days(target, filter);
  const auto paged = read_page(target, filter);
  for (const auto* part : {&grouped, &dated, &paged}) {
    if (!*part)
      return part->error();
  }
  return filter;
}

}  // namespace persona_runtime::api
