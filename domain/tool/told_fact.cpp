#include "domain/tool/told_fact.hpp"

#include "domain/memory/terms.hpp"
#include "domain/text/json_text.hpp"
#include "domain/text/shorten.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/result_bounds.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr auto asked_facts = std::uint32_t{20};
constexpr auto named_facts_max = std::size_t{5};
constexpr auto named_bytes_max = std::size_t{200};
constexpr auto told_reason = std::string_view{"the user said so"};
constexpr auto let_go_reason = std::string_view{"the user asked to forget it"};
constexpr auto action_key = "memory.action";
constexpr auto id_key = "memory.logical_id";
constexpr auto text_key = "memory.text";

constexpr std::string_view remember_schema =
  R"({"type":"object","properties":{)"
  R"("fact":{"type":"string","minLength":1,"maxLength":1000,)"
  R"("description":"One fact in one sentence that can be understood later on its own."},)"
  R"("key":{"type":"string","maxLength":64,"default":"",)"
  R"("description":"A short name such as 'home_berth' for a fact that can change: what was kept )"
  R"(under it before is replaced."},)"
  R"("reason":{"type":"string","maxLength":500,"default":"",)"
  R"("description":"Why it is worth keeping."},)"
  R"("confidence":{"type":"number","minimum":0,"maximum":1,"default":0.9,)"
  R"("description":"How sure you are. Below 0.8 nothing is kept."}},)"
  R"("required":["fact"],"additionalProperties":false})";

constexpr std::string_view forget_schema =
  R"({"type":"object","properties":{)"
  R"("fact":{"type":"string","minLength":1,"maxLength":1000,)"
  R"("description":"What to let go, in the words it was kept in, or its key or id."},)"
  R"("reason":{"type":"string","maxLength":500,"default":"",)"
  R"("description":"Why it is let go."}},)"
  R"("required":["fact"],"additionalProperties":false})";

std::string text_of(const json::object& from, json::string_view key) {
  const auto* value = from.if_contains(key);
  return value != nullptr && value->is_string()
           ? std::string{stripped({value->get_string().data(), value->get_string().size()})}
           : std::string{};
}

bool is_told(const memory_chunk& chunk) {
  return chunk.provenance && !chunk.provenance->from_document && !chunk.provenance->retired;
}

bool same_words(std::string_view a, std::string_view b) {
  return memory_terms(a) == memory_terms(b);
}

bool holds_all(const memory_chunk& chunk, const std::vector<std::string>& terms) {
  const auto own = memory_terms(chunk.text);
  const auto known = std::set<std::string>{own.begin(), own.end()};
  return !terms.empty()
         && std::ranges::all_of(terms, [&](const auto& term) { return known.contains(term); });
}

template <class Predicate>
const memory_chunk* only_one(const recalled_memory& known, const Predicate& is_it) {
  const memory_chunk* found = nullptr;
  for (const auto& chunk : known.self_facts) {
    if (!is_told(chunk) || !is_it(chunk))
      continue;
    if (found != nullptr)
      return nullptr;
    found = &chunk;
  }
  return found;
}

memory_request request_of(const memory_scope& talk, std::string_view tool,
                          const std::string& reason, std::string_view otherwise, instant now) {
  auto request = memory_request{};
  request.place = {talk, memory_store_kind::self_facts};
  request.author.source = memory_source::persona_self;
  request.author.written_by = "tool." + std::string{tool};
  request.author.reason = reason.empty() ? std::string{otherwise} : reason;
  request.author.force = true;  // the persona means it: it has called the tool
  request.author.at = now;
  return request;
}

tool_result change_result(std::string content, const std::string& action,
                          const std::string& logical_id, const std::string& text) {
  auto out = tool_result{};
  out.content = std::move(content);
  out.metadata = {{action_key, action}, {id_key, logical_id}, {text_key, text}};
  auto data = json_writer{out.data};
  data.text("action", action).text("store", "self_facts").text("logical_id", logical_id);
  data.text("fact", text).close();
  return out;
}

tool_definition definition_of(std::string_view name, std::string description,
                              std::string_view schema) {
  auto out = tool_definition{};
  out.name = name;
  out.description = std::move(description);
  out.parameters = schema;
  out.effect = tool_effect::idempotent;  // what is kept already is not kept twice
  out.exclusive = true;                  // one after the other, so that none is kept twice
  return out;
}

}  // namespace

tool_definition remember_definition() {
  return definition_of(remember_name,
                       "You can keep a fact that the user told you, and know it in later "
                       "conversations with this user. Use it when the user asks you to remember "
                       "something, or tells you something about themselves that will matter again.",
                       remember_schema);
}

tool_definition forget_definition() {
  return definition_of(forget_name,
                       "You can let go of a fact that you kept about this user. Use it when the "
                       "user asks you to forget something, or says that it is no longer so.",
                       forget_schema);
}

told_fact told_fact_of(std::string_view arguments) {
  auto out = told_fact{};
  auto broken = boost::system::error_code{};
  const auto given = json::parse({arguments.data(), arguments.size()}, broken);
  const auto* fields = broken ? nullptr : given.if_object();
  if (fields == nullptr)
    return out;
  out.fact = text_of(*fields, "fact");
  out.key = text_of(*fields, "key");
  out.reason = text_of(*fields, "reason");
  if (const auto* value = fields->if_contains("confidence"); value != nullptr && value->is_number())
    out.confidence = value->to_number<double>();
  return out;
}

recall_request alike_facts(const memory_scope& talk, const told_fact& told) {
  auto out = recall_request{};
  out.scope = talk;
  out.text = told.fact;
  out.top_k = asked_facts;
  out.with_identity = false;
  return out;
}

const memory_chunk* already_kept(const recalled_memory& known, const told_fact& told) {
  for (const auto& chunk : known.self_facts) {
    const auto same_key = told.key.empty() || chunk.key == told.key;
    if (is_told(chunk) && same_key && same_words(chunk.text, told.fact))
      return &chunk;
  }
  return nullptr;
}

memory_request keep_request(const memory_scope& talk, const told_fact& told,
                            const std::string& ulid, instant now) {
  auto request = request_of(talk, remember_name, told.reason, told_reason, now);
  auto draft = memory_draft{};
  draft.text = told.fact;
  draft.metadata = {{"confidence", three_decimals(told.confidence)}};
  draft.ulid = ulid;
  draft.created_at = now;
  draft.key = told.key;
  request.change = write_memory{{std::move(draft)}};
  return request;
}

const memory_chunk* meant_fact(const recalled_memory& known, const told_fact& told) {
  const auto by_name = only_one(known, [&](const memory_chunk& chunk) {
    return chunk.provenance->logical_id == told.fact
           || (!chunk.key.empty() && chunk.key == told.fact);
  });
  if (by_name != nullptr)
    return by_name;
  for (const auto& chunk : known.self_facts) {
    if (is_told(chunk) && same_words(chunk.text, told.fact))
      return &chunk;
  }
  const auto terms = memory_terms(told.fact);
  return only_one(known, [&](const memory_chunk& chunk) { return holds_all(chunk, terms); });
}

memory_request let_go_request(const memory_scope& talk, const memory_chunk& fact,
                              const told_fact& told, instant now) {
  auto request = request_of(talk, forget_name, told.reason, let_go_reason, now);
  request.change = retire_memory{{fact.provenance->logical_id}};
  return request;
}

tool_result kept_result(const told_fact& told, const std::string& logical_id) {
  return change_result("Kept: " + told.fact, "remembered", logical_id, told.fact);
}

tool_result known_result(const memory_chunk& fact) {
  auto out = tool_result{};
  out.content = "You know this already: " + fact.text;
  return out;
}

tool_result let_go_result(const memory_chunk& fact) {
  return change_result("Let go: " + fact.text, "forgotten", fact.provenance->logical_id, fact.text);
}

tool_result unclear_result(const recalled_memory& known, const told_fact& told) {
  auto text = "Nothing was let go: no single fact that you kept about this user fits '"
              + cut(told.fact, named_bytes_max) + "'.";
  auto named = std::size_t{0};
  for (const auto& chunk : known.self_facts) {
    if (!is_told(chunk) || named == named_facts_max)
      continue;
    text += (named++ == 0 ? " Call again with the id of the one that is meant:\n- " : "\n- ")
            + chunk.provenance->logical_id + ": " + cut(chunk.text, named_bytes_max);
  }
  return refused_result({}, text);
}

tool_result refused_result(std::string_view tool, std::string_view why) {
  return error_result(tool.empty() ? std::string{why}
                                   : std::string{tool} + ": " + std::string{why});
}

std::optional<memory_change_note> memory_change_of(std::string_view tool,
                                                   const tool_result& result) {
  if (result.is_error || (tool != remember_name && tool != forget_name))
    return std::nullopt;
  const auto action = result.metadata.find(action_key);
  const auto id = result.metadata.find(id_key);
  const auto text = result.metadata.find(text_key);
  const auto end = result.metadata.end();
  if (action == end || id == end || text == end)
    return std::nullopt;
  return memory_change_note{action->second, id->second, text->second};
}

}  // namespace persona_runtime
