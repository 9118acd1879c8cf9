#include "api/routes/read_usage.hpp"

#include "api/routes/read_query.hpp"

#include <algorithm>

namespace persona_runtime::api {
namespace {

constexpr auto usage_page_max = std::uint32_t{1'000};

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
      return one_problem("invalid", "query", "group",
                         "must be some of owner, persona, day and model, with commas between");
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
      return one_problem("invalid", "query", name, "must be a day such as 2026-11-22 (UTC)");
    (std::string_view{name} == "from" ? filter.from : filter.to) = day;
  }
  if (filter.from && filter.to && *filter.to < *filter.from)
    return one_problem("invalid", "query", "to", "must not lie before from");
  return {};
}

}  // namespace

result<usage_filter> read_usage_query(const request_target& target, const caller& who) {
  auto filter = usage_filter{};
  if (!who.admin)
    filter.owner = who.owner;
  if (const auto owner = target.parameter("owner")) {
    if (!who.admin && *owner != who.owner.value)
      return one_problem("invalid", "query", "owner",
                         "must be your own; only an admin sees what others use");
    filter.owner = owner_id{std::string{*owner}};
  }
  if (const auto persona = target.parameter("persona_id"))
    filter.persona = persona_id{std::string{*persona}};
  const auto grouped = read_group(target.parameter("group").value_or("day,model"), filter);
  const auto dated = read_days(target, filter);
  const auto page = read_page_query(target, filter.limit, usage_page_max);
  for (const auto* part : {&grouped, &dated}) {
    if (!*part)
      return part->error();
  }
  if (!page)
    return page.error();
  filter.limit = page->limit;
  filter.offset = page->offset;
  return filter;
}

}  // namespace persona_runtime::api
