#include "api/routes/read_memory.hpp"

#include "api/routes/body_reader.hpp"
#include "api/routes/read_query.hpp"

#include <limits>

namespace persona_runtime::api {
namespace {

constexpr auto chain_bytes_max = std::size_t{512};  // of a chain
constexpr auto condition_bytes_max = std::size_t{256};
constexpr auto version_max = std::uint64_t{std::numeric_limits<std::uint32_t>::max()};
constexpr auto stores_text = "must be identity, self_facts, worldview or episodic";

/// What is wrong with naming this owner; none: nothing.
std::optional<failure> owner_fault(std::string_view owner, const caller& who, const char* where) {
  if (owner.empty() || who.admin || owner == who.owner.value)
    return std::nullopt;
  return one_problem("invalid", where, "owner",
                     "must be your own; only an admin sees what others' talks left");
}

result<void> read_conditions(const request_target& target, const caller& who,
                             memory_filter& filter) {
  filter.owner = std::string{target.parameter("owner").value_or("")};
  filter.user = std::string{target.parameter("user").value_or("")};
  if (auto fault = owner_fault(filter.owner, who, "query"))
    return std::move(*fault);
  const auto store = target.parameter("store");
  if (!store)
    return {};
  filter.store = memory_store_kind_of(*store);
  if (!filter.store)
    return one_problem("invalid", "query", "store", stores_text);
  return {};
}

result<bool> read_flag(const request_target& target, std::string_view name) {
  const auto text = target.parameter(name).value_or("false");
  if (text != "true" && text != "false")
    return one_problem("invalid", "query", name, "must be true or false");
  return text == "true";
}

/// ?NAME= as `lookup` knows it; the same, absent, when it is not there.
template <class Value, class Lookup>
result<void> read_name(const request_target& target, const char* name, const char* rule,
                       std::optional<Value>& to, const Lookup& lookup) {
  const auto text = target.parameter(name);
  if (!text)
    return {};
  to = lookup(*text);
  if (!to)
    return one_problem("invalid", "query", name, rule);
  return {};
}

}  // namespace

result<memory_query> read_memory_query(const request_target& target, const persona_id& persona,
                                       const caller& who) {
  auto query = memory_query{};
  query.filter.persona = persona;
  const auto conditions = read_conditions(target, who, query.filter);
  const auto page = read_page_query(target);
  const auto all = read_flag(target, "all");
  if (!conditions || !page || !all)
    return !conditions ? conditions.error() : !page ? page.error() : all.error();
  query.limit = page->limit;
  query.with_past = *all;
  if (const auto name = target.parameter("name")) {
    if (name->empty() || name->size() > chain_bytes_max)
      return one_problem("out_of_range", "query", "name", "must be 1 to 512 bytes");
    query.name = std::string{*name};
  }
  if (const auto cursor = target.parameter("cursor")) {
    const auto from = memory_position_of(*cursor, persona);
    if (!from)
      return one_problem("invalid", "query", "cursor", "must be what next_cursor said");
    query.from = *from;
  }
  return query;
}

result<memory_rollback> read_rollback(const boost::json::value& body, const persona_id& persona,
                                      const caller& who) {
  auto reader = body_reader{body};
  auto what = memory_rollback{};
  what.filter.persona = persona;
  what.name = reader.required_text("name", 1, chain_bytes_max);
  const auto version = reader.integer("to_version", 1, version_max);
  if (!version && !reader.is_given("to_version"))
    reader.refuse("missing", "to_version", "is required");
  what.filter.owner = reader.text("owner", 0, condition_bytes_max).value_or("");
  what.filter.user = reader.text("user", 0, condition_bytes_max).value_or("");
  const auto store = reader.text("store", 1, condition_bytes_max);
  if (store)
    what.filter.store = memory_store_kind_of(*store);
  if (store && !what.filter.store)
    reader.refuse("invalid", "store", stores_text);
  if (auto problems = reader.finish())
    return std::move(*problems);
  if (!version)
    return one_problem("missing", "body", "to_version", "is required");
  if (auto fault = owner_fault(what.filter.owner, who, "body"))
    return std::move(*fault);
  what.to_version = static_cast<std::uint32_t>(*version);
  return what;
}

result<memory_filter> read_purge(const request_target& target, const persona_id& persona,
                                 const caller& who) {
  auto problems = problem_list{};
  for (const auto& [name, value] : target.query) {
    if (name != "owner" && name != "user" && name != "confirm")
      problems.add("unknown", "query", name, "is no parameter of this route");
    else if (value.empty())
      problems.add("out_of_range", "query", name, "must not be empty");
  }
  if (target.parameter("confirm") != "yes")
    problems.add("missing", "query", "confirm",
                 "must be yes: this removes all versions and audit events and cannot be undone");
  if (!problems.empty())
    return problems.to_failure();
  auto filter = memory_filter{};
  filter.persona = persona;
  if (const auto read = read_conditions(target, who, filter); !read)
    return read.error();
  return filter;
}

result<audit_query> read_audit_query(const request_target& target, const persona_id& persona) {
  auto query = audit_query{persona};
  const auto page = read_page_query(target);
  if (!page)
    return page.error();
  query.limit = page->limit;
  query.offset = page->offset;
  auto& filter = query.filter;
  const auto since = [](std::string_view text) {
    const auto at = audit_since(text);
    return at ? std::optional{*at} : std::nullopt;
  };
  const auto parts = {
    read_name(target, "since", "must be an instant with its offset: 2026-11-22T08:00:00Z",
              filter.since, since),
    read_name(target, "action",
              "must be write, delete, remove_documents, rollback, skill_injected, skill_refused, "
              "connect, disconnect, execute or server_unavailable",
              filter.action, [](std::string_view text) { return audit_action_of(text); }),
    read_name(target, "source", "must be user, persona_self or system", filter.source,
              [](std::string_view text) { return memory_source_of(text); }),
    read_name(target, "store",
              "must be identity, self_facts, worldview, episodic, knowledge_graph, skill or tool",
              filter.store, [](std::string_view text) { return audit_store_of(text); })};
  for (const auto& part : parts) {
    if (!part)
      return part.error();
  }
  return query;
}

}  // namespace persona_runtime::api
