#include "domain/prompt/floor.hpp"

#include "domain/prompt/reply_language.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

// Spec runtime §16.2: what retrieval with k = 3 would bring at most.
constexpr std::size_t shown_max = 3;

void add_section(std::string& out, std::string_view section) {
  if (section.empty())
    return;
  if (!out.empty())
    out += "\n\n";
  out += section;
}

std::string identity_section(const persona_identity& who, const floor_texts& texts) {
  auto out = with_values(texts.opener, {{"name", who.name}, {"role", who.role}});
  out += '\n';
  out += who.background;
  return std::string{stripped(out)};
}

std::string language_section(const persona_identity& who, const floor_texts& texts,
                             std::string_view reply_language) {
  auto language = ordered_language(reply_language.empty() ? who.language_default : reply_language);
  return language ? with_values(texts.language, {{"language", *language}}) : std::string{};
}

std::string prohibitions_section(const persona_identity& who, const floor_texts& texts) {
  if (who.constraints.empty())
    return {};
  std::string out = texts.prohibitions;
  for (std::size_t i = 0; i < who.constraints.size(); ++i)
    out += '\n' + std::to_string(i + 1) + ". " + who.constraints[i];
  return out;
}

std::string facts_section(const persona& p, const floor_texts& texts) {
  if (p.self_facts.empty())
    return {};
  std::string out = texts.self_facts;
  for (std::size_t i = 0; i < std::min(p.self_facts.size(), shown_max); ++i)
    out += "\n- " + p.self_facts[i].fact;
  return out;
}

std::string worldview_section(const persona& p, const floor_texts& texts) {
  if (p.worldview.empty())
    return {};
  std::string out = texts.worldview;
  for (std::size_t i = 0; i < std::min(p.worldview.size(), shown_max); ++i) {
    const auto& claim = p.worldview[i];
    out += "\n- " + claim.claim + " (" + std::string{name_of(claim.tag)} + ')';
  }
  return out;
}

}  // namespace

std::string floor_of(const persona& p, const prompt_texts& texts, std::string_view reply_language) {
  std::string out;
  add_section(out, identity_section(p.identity, texts.floor));
  add_section(out, language_section(p.identity, texts.floor, reply_language));
  add_section(out, prohibitions_section(p.identity, texts.floor));
  add_section(out, facts_section(p, texts.floor));
  add_section(out, worldview_section(p, texts.floor));
  add_section(out, texts.floor.footer);
  add_section(out, texts.framing);
  return out;
}

}  // namespace persona_runtime
