// Skills within a turn (spec runtime §7.3).

#include "domain/conversation/turn_draft.hpp"
#include "domain/skill/audit.hpp"
#include "domain/skill/use_skill.hpp"
#include "domain/text/sha256.hpp"

namespace persona_runtime::turning {
namespace {

/// Fresh for each envelope, and as secret as the turn's own.
std::string next_nonce(const turn_draft& d) {
  const auto& desk = d.now.desk;
  return sha256_text(desk.frame->nonce + '/' + std::to_string(desk.envelopes.size())).substr(0, 32);
}

}  // namespace

tool_result use_skill(turn_draft& d, const tool_call& call) {
  auto& desk = d.now.desk;
  auto request = read_skill_request(call.arguments, d.setup().skills);
  if (request.wanted == nullptr)
    return std::move(request.answer);
  const auto& wanted = *request.wanted;
  const auto approved =
    is_trusted(wanted.trust) || desk.frame->approved_skills.contains(wanted.content_hash);
  const auto made =
    activate(desk.skills, wanted, approved, next_nonce(d), skill_rules{d.rules.skills});
  if (auto event = skill_audit_of(made, wanted))
    desk.audits.push_back(audit_request(talk_of(d.now), std::move(*event), d.clock));
  if (made.outcome != skill_outcome::active) {
    desk.notes.push_back(made.text);
    return std::move(request.answer);
  }
  desk.envelopes.push_back(made.text);
  desk.active_skills =
    make_section(active_skills_text(desk.envelopes, d.rules.skills), d.rules.count);
  desk.invocations.push_back({wanted.name, request.parameters, made.tokens});
  return std::move(request.answer);
}

}  // namespace persona_runtime::turning
