#pragma once
// Parts of a system message. Each is counted once, when it is made; how many tokens a message of
// such parts takes is then a sum. That is exact, because no token reaches over a line feed that
// something other than white space follows, and every section begins with such a character.

#include "domain/text/shared_text.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// How many tokens a text takes. Called from the thread that makes prompts, once per text.
using text_counter = std::function<std::size_t(std::string_view)>;

/// Sections stand apart by this.
inline constexpr std::string_view section_gap = "\n\n";

/// A paragraph or more. Empty text: not shown, and counts nothing.
struct prompt_section {
  shared_text text;            // does not begin with white space
  std::uint32_t with_gap = 0;  // tokens of the text and the gap behind it
  [[nodiscard]] bool empty() const { return text.empty(); }
};

/// The first section, which follows "system: " where a message counts with its role.
struct prompt_opening : prompt_section {
  std::uint32_t with_role = 0;  // tokens of "system: ", the text and the gap
};

/// A section that may stand last.
struct prompt_ending : prompt_section {
  std::uint32_t alone = 0;      // tokens of the text
  std::uint32_t with_line = 0;  // tokens of the text and one line feed
};

/// White space in front of the text is dropped.
[[nodiscard]] prompt_section make_section(std::string text, const text_counter& count);
[[nodiscard]] prompt_opening make_opening(std::string text, const text_counter& count);
[[nodiscard]] prompt_ending make_ending(std::string text, const text_counter& count);

}  // namespace persona_runtime
