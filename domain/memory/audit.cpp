#include "domain/memory/audit.hpp"

#include "domain/memory/json_fields.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr auto action_names = std::array<std::string_view, 10>{
  "write",         "delete",  "remove_documents", "rollback", "skill_injected",
  "skill_refused", "connect", "disconnect",       "execute",  "server_unavailable"};
constexpr auto store_names = std::array<std::string_view, 7>{
  "identity", "self_facts", "worldview", "episodic", "knowledge_graph", "skill", "tool"};

void append_texts(std::string& out, const std::vector<std::string>& texts) {
  append_json_list(out, texts,
                   [](std::string& to, const std::string& text) { append_json_string(to, text); });
}

/// A name that must be one of a few.
template <class Lookup>
auto one_of(memory_fields& in, const char* name, const Lookup& lookup) {
  const auto text = in.text(name);
  const auto found = lookup(text);
  if (!found)
    in.complain(std::string{name} + ": there is no '" + text.substr(0, 64) + "'");
  return found.value_or(typename decltype(lookup(text))::value_type{});
}

}  // namespace

std::string_view name_of(audit_action action) {
  return action_names.at(static_cast<std::size_t>(action));
}

std::string_view name_of(audit_store store) {
  return store_names.at(static_cast<std::size_t>(store));
}

std::optional<audit_action> audit_action_of(std::string_view name) {
  const auto i = std::ranges::find(action_names, name);
  return i == action_names.end()
           ? std::nullopt
           : std::optional{static_cast<audit_action>(i - action_names.begin())};
}

std::optional<audit_store> audit_store_of(std::string_view name) {
  const auto i = std::ranges::find(store_names, name);
  return i == store_names.end() ? std::nullopt
                                : std::optional{static_cast<audit_store>(i - store_names.begin())};
}

audit_store audit_store_of(memory_store_kind kind) {
  return static_cast<audit_store>(kind);  // the first four are the same
}

bool matches(const audit_filter& filter, const memory_audit& event) {
  return (!filter.since || event.at >= *filter.since)
         && (!filter.action || event.action == *filter.action)
         && (!filter.source || event.source == *filter.source)
         && (!filter.store || event.store == *filter.store);
}

std::string to_json(const memory_audit& event) {
  auto out = std::string{};
  auto o = json_writer{out};
  o.text("timestamp", to_text(event.at)).text("persona_id", event.scope.persona.value);
  o.text("owner_id", event.scope.owner.value).text("user", event.scope.user);
  o.text("action", name_of(event.action)).text("store", name_of(event.store));
  o.text("source", name_of(event.source));
  o.text_or_null("written_by", event.written_by.value_or(""), event.written_by.has_value());
  o.text_or_null("reason", event.reason.value_or(""), event.reason.has_value());
  append_texts(o.key("chunk_ids"), event.chunk_ids);
  append_texts(o.key("logical_ids"), event.logical_ids);
  append_metadata(o.key("metadata"), event.metadata);
  o.close();
  return out;
}

result<memory_audit> memory_audit_from_json(std::string_view json) {
  auto parser = simdjson::dom::parser{};
  auto document = simdjson::dom::element{};
  if (parser.parse(json.data(), json.size()).get(document))
    return failure{errc::validation_error, "an audit event: is not JSON"};
  auto in = memory_fields{document};
  auto event = memory_audit{};
  event.at = in.time("timestamp");
  event.scope.persona = {in.text("persona_id")};
  event.scope.owner = {in.text("owner_id")};
  event.scope.user = in.text("user");
  event.action = one_of(in, "action", [](std::string_view name) { return audit_action_of(name); });
  event.store = one_of(in, "store", [](std::string_view name) { return audit_store_of(name); });
  event.source = one_of(in, "source", [](std::string_view name) { return memory_source_of(name); });
  event.written_by = in.text_or_none("written_by");
  event.reason = in.text_or_none("reason");
  event.chunk_ids = in.texts("chunk_ids");
  event.logical_ids = in.texts("logical_ids");
  event.metadata = in.metadata("metadata");
  if (const auto problem = in.problem(); !problem.empty())
    return failure{errc::validation_error, "an audit event: " + problem};
  return event;
}

result<instant> audit_since(std::string_view text) {
  return aware_instant(text);
}

}  // namespace persona_runtime
