#pragma once
// Texts that a test can tell apart at sight, and a persona that has something in every section.

#include "domain/persona/persona.hpp"
#include "domain/prompt/prompt_texts.hpp"

namespace persona_runtime::test {

inline prompt_texts marked_texts() {
  auto out = prompt_texts{};
  auto& floor = out.floor;
  floor.opener = "You are {name}, {role}.";
  floor.language = "Reply in {language}.";
  floor.prohibitions = "NEVER:";
  floor.self_facts = "SELF:";
  floor.worldview = "WORLD:";
  floor.episodic = "BEFORE:";
  floor.memory_note = "(REMEMBERED)";
  floor.client_instructions = "CLIENT:";
  floor.workspace = "WORKSPACE";
  floor.produced_files = "PRODUCED";
  floor.app_discovery = "DISCOVERY";
  floor.footer = "FOOTER";
  auto& skills = out.skills;
  skills.index_heading = "SKILLS:";
  skills.activated = "{skill}: ACTIVE";
  skills.preamble = "PREAMBLE";
  skills.not_approved = "{skill}: NOT APPROVED";
  skills.cycle = "{skill}: CYCLE";
  skills.too_deep = "{skill}: OVER {max}";
  skills.over_budget = "{skill}: NO ROOM";
  out.framing = "FRAMING";
  return out;
}

inline persona full_persona() {
  auto out = persona{};
  out.identity.name = "Runa";
  out.identity.role = "harbour master";
  out.identity.background = "Keeps the berth plan.";
  out.identity.constraints = {"Quote no prices.", "Promise no berths."};
  out.self_facts = {{"Leaves half a metre."}, {"Writes 24-hour times."}};
  out.worldview = {{"Low water decides.", "tides", epistemic::fact, 1.0},
                   {"Guests call ahead.", "", epistemic::belief}};
  return out;
}

}  // namespace persona_runtime::test
