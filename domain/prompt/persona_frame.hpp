#pragma once
// What all prompts of one persona share. Made once per version of the persona and reply language,
// then held by reference.

#include "domain/persona/persona.hpp"
#include "domain/prompt/prompt_texts.hpp"
#include "domain/prompt/section.hpp"

#include <memory>
#include <span>

namespace persona_runtime {

/// Sections 1, 1a, 2, 8a-pre, 8a, 8b and 9 of spec runtime §5.2. Any but the opener and the footer
/// may be empty.
struct persona_frame {
  prompt_opening opener;
  prompt_section language;
  prompt_section prohibitions;
  prompt_section workspace;       // how files are kept; with any of the file tools
  prompt_section produced_files;  // check before claiming success; with code_execution
  prompt_section app_discovery;   // with mcp_search
  prompt_ending footer;
};

using frame_ptr = std::shared_ptr<const persona_frame>;

struct frame_options {
  std::string_view reply_language{};             // empty: the persona's own
  std::span<const std::string> tools_offered{};  // counts only for a persona that allows all tools
};

/// The tool blocks follow the persona's own list, not what is registered; "*" stands for the tools
/// that are offered.
[[nodiscard]] frame_ptr make_frame(const persona& p, const floor_texts& texts,
                                   const frame_options& options, const text_counter& count);

}  // namespace persona_runtime
