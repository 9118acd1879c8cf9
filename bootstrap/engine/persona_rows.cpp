#include "bootstrap/engine/persona_rows.hpp"

#include "domain/persona/safety_constraint.hpp"
#include "domain/persona/tool_grant.hpp"
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
};

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
  o.close();
  return out;
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
                                       const persona_change& change) {
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
  const auto is_same = row.yaml == before.yaml && extras.avatar_url == known.avatar_url
                       && extras.consent_at == known.consent_at;
  if (is_same)
    return before;
  row.summary = shared_text{summary_of(row, *document->value, extras)};
  return row;
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
