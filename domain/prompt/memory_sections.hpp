#pragma once
// What was retrieved from the typed stores, as sections of a prompt.

#include "domain/persona/persona.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/prompt/section.hpp"

#include <vector>

namespace persona_runtime {

/// One retrieved chunk.
struct memory_line {
  shared_text text;        // UTF-8; may have several lines
  std::string tag{};       // epistemic status of a claim; empty: none
  bool by_author = false;  // written by the persona's author; all else comes from conversations
};

/// In the order to be shown: by rank, episodes oldest first.
struct retrieved_memory {
  std::vector<memory_line> self_facts;
  std::vector<memory_line> worldview;
  std::vector<memory_line> episodic;
};

/// Sections 3, 4 and 5 of spec runtime §5.2.
struct memory_sections {
  prompt_section self_facts;
  prompt_section worldview;
  prompt_section episodic;
};

/// One line per chunk. A section that holds anything not written by the author stands in an
/// envelope with `nonce` (see envelope.hpp; one per turn or run), with a note that it is memory and
/// not instruction. Made once per turn, used by all its rounds.
[[nodiscard]] memory_sections make_memory_sections(const retrieved_memory& from,
                                                   const floor_texts& texts, std::string_view nonce,
                                                   const text_counter& count);

/// Lines of a store that a run shows (spec runtime §16.2).
inline constexpr std::size_t run_lines_max = 3;

/// The first `lines_max` facts and claims of the document: what a persona without stores shows.
[[nodiscard]] retrieved_memory author_memory(const persona& p, std::size_t lines_max);

}  // namespace persona_runtime
