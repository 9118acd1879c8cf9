#include "domain/skill/activation.hpp"

#include "domain/prompt/envelope.hpp"
#include "domain/prompt/prompt_texts.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

std::string marked(const skill& s, std::string_view text, std::string_view nonce) {
  return in_envelope("skill-guidance", nonce, text, "tier=" + std::string{name_of(s.trust)});
}

activation not_activated(skill_outcome why, std::string_view text, const skill& s,
                         const skill_rules& rules) {
  const auto most = std::to_string(rules.depth_max);
  return {why, with_values(text, {{"skill", s.name}, {"max", most}}), 0, true};
}

std::uint32_t room_in(const skill_chain& chain, const skill_rules& rules) {
  return rules.tokens_max - std::min(rules.tokens_max, chain.tokens_used);
}

}  // namespace

std::string_view name_of(skill_outcome o) {
  constexpr std::array<std::string_view, 5> names{"active", "not_approved", "cycle", "too_deep",
                                                  "over_budget"};
  return names.at(static_cast<std::size_t>(o));
}

activation activate(skill_chain& chain, const skill& s, bool approved, std::string_view nonce,
                    const skill_rules& rules) {
  return activate(
    chain, s, approved, [&] { return std::string{nonce}; }, rules);
}

activation activate(skill_chain& chain, const skill& s, bool approved,
                    const std::function<std::string()>& nonce, const skill_rules& rules) {
  if (!is_trusted(s.trust) && !approved)
    return not_activated(skill_outcome::not_approved, rules.texts.not_approved, s, rules);
  if (std::ranges::find(chain.names, s.name) != chain.names.end())
    return not_activated(skill_outcome::cycle, rules.texts.cycle, s, rules);
  if (chain.names.size() >= rules.depth_max)
    return not_activated(skill_outcome::too_deep, rules.texts.too_deep, s, rules);
  const auto first = chain.names.empty();
  if (!first && s.content_tokens > room_in(chain, rules)) {
    chain.budget_exceeded = true;
    return not_activated(skill_outcome::over_budget, rules.texts.over_budget, s, rules);
  }
  const auto body = first ? s.alone : fitted_skill{s.content, s.content_tokens, true};
  chain.names.push_back(s.name);
  chain.tokens_used += body.tokens;
  return {skill_outcome::active, marked(s, body.text.view(), nonce()), body.tokens, body.complete};
}

std::string skill_message(const activation& a, const skill& s, const skill_texts& texts) {
  if (a.outcome != skill_outcome::active)
    return a.text;
  return with_values(texts.activated, {{"skill", s.name}}) + "\n\n" + texts.preamble + "\n\n"
         + a.text;
}

std::string active_skills_text(const std::vector<std::string>& envelopes,
                               const skill_texts& texts) {
  if (envelopes.empty())
    return {};
  auto out = texts.preamble;
  for (const auto& envelope : envelopes)
    out.append("\n\n").append(envelope);
  return out;
}

skill_audit audit_of(const activation& a, const skill& s) {
  auto out = skill_audit{};
  const auto trusted = is_trusted(s.trust);
  auto consent = std::string_view{"consented"};
  if (a.outcome == skill_outcome::not_approved) {
    out.action = "skill_refused";
    consent = "refused_no_consent";
  } else if (a.outcome == skill_outcome::active) {
    out.action = "skill_injected";
    if (trusted)
      consent = s.trust == skill_trust::builtin ? "builtin_implicit" : "vetted_implicit";
  } else {
    return out;
  }
  out.metadata = {{"skill_name", s.name},
                  {"trust", std::string{name_of(s.trust)}},
                  {"consent_state", std::string{consent}},
                  {"source", s.source}};
  if (!s.content_hash.empty())
    out.metadata["content_hash"] = s.content_hash;
  return out;
}

std::vector<skill_supplement> staged_supplements(const skill& s) {
  auto out = s.supplements;
  for (auto& supplement : out)
    supplement.file = ".skills/" + s.name + "/supplements/" + supplement.file;
  return out;
}

}  // namespace persona_runtime
