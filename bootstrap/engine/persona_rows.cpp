#include "bootstrap/engine/persona_rows.hpp"

#include "domain/persona/safety_constraint.hpp"
#include "domain/persona/tool_grant.hpp"
#include "domain/skill/consent.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

constexpr auto refusal_bytes_max = std::size_t{8'192};

std::string problems_json(const std::vector<problem>& problems, std::string_view type) {
  auto out = std::string{};
  append_json_list(out, problems, [type](std::string& to, const problem& p) {
    auto o = json_writer{to};
    o.text("type", type).raw("loc", "[\"body\",\"yaml\"]").number("line", p.line);
    o.text("path", p.path).text("msg", p.text).close();
  });
  return out;
}

/// What a row says beside its document. The summary is the one place that keeps it.
struct row_extras {
  std::string avatar_url;       // empty: none
  std::optional<bool> consent;  // to automatic dispatch
  std::string consent_at;       // empty: never asked
  std::vector<skill_consent> skills{};
  friend bool operator==(const row_extras&, const row_extras&) = default;
};

std::vector<skill_consent> skill_consents_of(const persona_id& persona,
                                             const boost::json::object& summary) {
  auto out = std::vector<skill_consent>{};
  const auto* list = summary.if_contains("skill_consents");
  if (list == nullptr || !list->is_array())
    return out;
  for (const auto& item : list->get_array()) {
    const auto* fields = item.if_object();
    if (fields == nullptr)
      continue;
    const auto text = [&](boost::json::string_view key) {
      const auto* value = fields->if_contains(key);
      return value != nullptr && value->is_string() ? std::string{value->get_string()}
                                                    : std::string{};
    };
    const auto* granted = fields->if_contains("granted");
    auto consent = skill_consent{};
    consent.persona = persona;
    consent.skill = text("skill");
    consent.content_hash = text("content_hash");
    consent.granted = granted != nullptr && granted->is_bool() && granted->get_bool();
    consent.by = {text("by")};
    consent.at = instant_of(text("at")).value_or(instant{});
    out.push_back(std::move(consent));
  }
  return out;
}

void append_skill_consents(json_writer& o, const std::vector<skill_consent>& all) {
  if (all.empty())
    return;
  append_json_list(o.key("skill_consents"), all, [](std::string& to, const skill_consent& one) {
    auto c = json_writer{to};
    c.text("skill", one.skill).text("content_hash", one.content_hash);
    c.flag("granted", one.granted).text("by", one.by.value).text("at", to_text(one.at)).close();
  });
}

row_extras extras_of(const persona_row& row) {
  auto out = row_extras{};
  auto broken = boost::system::error_code{};
  const auto summary =
    boost::json::parse({row.summary.view().data(), row.summary.view().size()}, broken);
  const auto* fields = broken ? nullptr : summary.if_object();
  if (fields == nullptr)
    return out;
  const auto text = [&](boost::json::string_view key) {
    const auto* value = fields->if_contains(key);
    return value != nullptr && value->is_string() ? std::string{value->get_string()}
                                                  : std::string{};
  };
  out.avatar_url = text("avatar_url");
  out.consent_at = text("consent_updated_at");
  if (const auto* given = fields->if_contains("consent_to_auto_dispatch");
      given != nullptr && given->is_bool())
    out.consent = given->get_bool();
  out.skills = skill_consents_of(row.id, *fields);
  return out;
}

void append_consent(json_writer& o, const row_extras& extras) {
  if (extras.consent)
    o.flag("consent_to_auto_dispatch", *extras.consent);
  else
    o.raw("consent_to_auto_dispatch", "null");
  o.text_or_null("consent_updated_at", extras.consent_at, !extras.consent_at.empty());
}

std::string summary_of(const persona_row& row, const persona& p, const row_extras& extras) {
  auto out = std::string{};
  auto o = json_writer{out};
  o.text("id", row.id.value).text("name", p.identity.name).text("role", p.identity.role);
  o.text_or_null("avatar_url", extras.avatar_url, !extras.avatar_url.empty());
  o.text("created_at", to_text(row.created_at));
  o.text("updated_at", to_text(row.updated_at)).text("language", p.identity.language_default);
  o.number("tools_count", p.tools.size()).number("skills_count", p.skills.size());
  o.number("constraints_count", p.identity.constraints.size()).number("conversation_count", 0);
  append_consent(o, extras);
  append_skill_consents(o, extras.skills);
  o.close();
  return out;
}

skill_list skills_of(const setup_parts& parts, const persona& p) {
  return parts.skills == nullptr ? skill_list{} : select_skills(p.skills, *parts.skills).skills;
}

/// Fails when the persona has no such skill, or it says something else by now.
result<void> check_skill(const setup_parts& parts, const persona& p, const persona_change& change) {
  const auto found = find_skill(skills_of(parts, p), change.skill);
  if (found == nullptr)
    return failure{errc::validation_error,
                   "the persona has no skill of this name; GET /v1/personas/{id}/skills lists its "
                   "skills"};
  if (found->content_hash != change.skill_hash)
    return failure{errc::validation_error,
                   "the skill's content is not the one that this hash stands for; its hash is now "
                     + found->content_hash};
  return {};
}

/// The newest word about a skill counts; about other contents of it nothing is kept.
void answer_skill(row_extras& extras, const persona_row& row, const persona_change& change,
                  const owner_id& by) {
  const auto granted = change.skill_consent == consent_change::granted;
  const auto same = std::ranges::find_if(extras.skills, [&](const skill_consent& one) {
    return one.skill == change.skill && one.content_hash == change.skill_hash;
  });
  if (same != extras.skills.end() && same->granted == granted
      && change.skill_consent != consent_change::withdrawn)
    return;
  std::erase_if(extras.skills, [&](const skill_consent& one) { return one.skill == change.skill; });
  if (change.skill_consent != consent_change::withdrawn)
    extras.skills.push_back({row.id, change.skill, change.skill_hash, granted, by, row.updated_at});
}

/// A document as it is stored, and what it says.
struct stored_document {
  std::string yaml;
  persona_ptr value;
};

result<stored_document> to_store(const setup_parts& parts, const std::string& yaml) {
  const auto parsed = parse_persona(yaml);
  if (!parsed)
    return refusal_of(parsed.error());
  if (!parts.adds_safety_constraint)
    return stored_document{yaml, parsed->value};
  return stored_document{with_safety_constraint(yaml, parsed->value).text,
                         with_safety_constraint(parsed->value)};
}

bool is_known_tool(const setup_parts& parts, std::string_view name) {
  return std::ranges::any_of(parts.tools,
                             [name](const tool_definition& t) { return t.name == name; });
}

result<stored_document> changed_document(const setup_parts& parts, const persona_row& before,
                                         const persona_change& change) {
  auto document = to_store(parts, change.yaml.empty() ? before.yaml : change.yaml);
  if (!document || change.tool.empty())
    return document;
  if (!is_known_tool(parts, change.tool))
    return failure{errc::validation_error,
                   "there is no tool of this name; GET /v1/tools lists those that there are"};
  return to_store(parts, with_tool(document->yaml, *document->value, change.tool));
}

}  // namespace

failure refusal_of(const persona_rejection& why) {
  const auto type =
    why.fault == persona_fault::schema_version ? "schema_version_mismatch" : "persona";
  auto detail = problems_json(why.problems, type);
  if (detail.size() > refusal_bytes_max)
    detail = problems_json({why.problems.begin(), why.problems.begin() + 1}, type);
  return {errc::validation_error, std::move(detail)};
}

result<persona_row> make_persona_row(const setup_parts& parts, const check_persona& asked) {
  auto document = to_store(parts, asked.yaml);
  if (!document)
    return document.error();
  auto row = persona_row{};
  row.id = asked.id.value.empty() ? persona_id{parts.new_persona_id()} : asked.id;
  row.owner = asked.who.owner;
  row.created_at = parts.now();
  row.updated_at = row.created_at;
  row.yaml = std::move(document->yaml);
  row.summary = shared_text{summary_of(row, *document->value, {asked.avatar_url, {}, {}})};
  return row;
}

result<persona_row> change_persona_row(const setup_parts& parts, const persona_row& before,
                                       const persona_change& change, const owner_id& by) {
  auto document = changed_document(parts, before, change);
  if (!document)
    return document.error();
  const auto known = extras_of(before);
  auto extras = known;
  auto row = before;
  row.yaml = std::move(document->yaml);
  if (!change.avatar_url.empty())
    extras.avatar_url = change.avatar_url;
  row.updated_at = std::max(parts.now(), instant{before.updated_at.value + 1});
  if (change.consent != consent_change::none) {
    extras.consent.reset();
    if (change.consent != consent_change::withdrawn)
      extras.consent = change.consent == consent_change::granted;
    extras.consent_at = to_text(row.updated_at);
  }
  if (change.skill_consent != consent_change::none) {
    if (const auto fine = check_skill(parts, *document->value, change); !fine)
      return fine.error();
    answer_skill(extras, row, change, by);
  }
  if (row.yaml == before.yaml && extras == known)
    return before;
  row.summary = shared_text{summary_of(row, *document->value, extras)};
  return row;
}

consent_source consents_in(const persona_row& row) {
  return [given = extras_of(row).skills](const persona_id& persona, std::string_view skill,
                                         std::string_view content_hash) {
    return std::ranges::any_of(given, [&](const skill_consent& one) {
      return one.granted && one.persona == persona && one.skill == skill
             && one.content_hash == content_hash;
    });
  };
}

std::string persona_skills_json(const setup_parts& parts, const persona_row& row) {
  const auto parsed = parse_persona(row.yaml);
  const auto given = extras_of(row).skills;
  const auto state_of = [&given](const skill& s) -> std::string_view {
    if (is_trusted(s.trust))
      return "not_needed";
    const auto known = std::ranges::find_if(given, [&](const skill_consent& one) {
      return one.skill == s.name && one.content_hash == s.content_hash;
    });
    if (known == given.end())
      return "none";
    return known->granted ? "granted" : "refused";
  };
  auto out = std::string{};
  append_json_list(out, parsed ? skills_of(parts, *parsed->value) : skill_list{},
                   [&](std::string& to, const skill_ptr& s) {
                     auto o = json_writer{to};
                     o.text("name", s->name).text("description", s->description);
                     o.text("trust", name_of(s->trust)).text("source", s->source);
                     o.text("content_hash", s->content_hash).text("consent", state_of(*s)).close();
                   });
  return out;
}

memory_batch tool_grant_memory(const persona_row& row, const std::string& tool,
                               const std::string& ulid) {
  auto draft = memory_draft{};
  draft.text = "The user has granted me the tool " + tool + '.';
  draft.metadata = {{"confidence", "0.950"}, {"tool", tool}};
  draft.ulid = ulid;
  draft.created_at = row.updated_at;
  draft.logical_id = "tool_consent::" + tool;
  auto request = memory_request{};
  request.place = {shared_scope(row.id), memory_store_kind::self_facts};
  request.author = {memory_source::persona_self, row.owner.value, "the user granted the tool", true,
                    row.updated_at};
  request.change = write_memory{{std::move(draft)}};
  return {std::move(request)};
}

std::string persona_detail(const persona_row& row) {
  const auto parsed = parse_persona(row.yaml);
  const auto extras = extras_of(row);
  auto out = std::string{};
  auto o = json_writer{out};
  o.text("id", row.id.value).text("yaml", row.yaml);
  o.text("schema_version", parsed ? parsed->value->schema_version : std::string{});
  o.text_or_null("avatar_url", extras.avatar_url, !extras.avatar_url.empty());
  o.raw("avatar_source", "null").flag("avatar_ai_generated", false);
  o.raw("capabilities", "null");
  append_consent(o, extras);
  o.raw("unavailable_mcp_servers", "[]");
  o.text("created_at", to_text(row.created_at)).text("updated_at", to_text(row.updated_at));
  o.number("conversation_count", 0).close();
  return out;
}

}  // namespace persona_runtime
