#pragma once
// What the runtime itself says to a model about its persona, its skills and its run. The wording is
// data (config/prompts/run.yaml), so that an operator can change it without building.

#include "domain/run/spec.hpp"
#include "domain/skill/skill_texts.hpp"
#include "domain/yaml/problem.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Of the system message. A placeholder stands in braces.
struct floor_texts {
  std::string opener{};        // {name}, {role}; the background follows on the next line
  std::string language{};      // {language}, in English
  std::string prohibitions{};  // headings of lists
  std::string self_facts{};
  std::string worldview{};
  std::string footer{};
  std::string episodic{};
  std::string memory_note{};          // what an envelope of memories is
  std::string client_instructions{};  // heading and note of an API client's own system message
  std::string workspace{};            // how files are kept
  std::string produced_files{};       // check before claiming success
  std::string app_discovery{};        // how mcp_search is meant
  friend bool operator==(const floor_texts&, const floor_texts&) = default;
};

struct prompt_texts {
  floor_texts floor;
  skill_texts skills;
  std::string summary_instruction{};  // of the tool text_summarize: {words}
  std::string framing;                // how a run is carried out; ends the system message
  run_texts run;
  friend bool operator==(const prompt_texts&, const prompt_texts&) = default;
};

/// Reads the texts from YAML. Every text must be there, must hold exactly its placeholders, and
/// the framing must name both markers; otherwise every problem is answered, by line. Blanks at
/// both ends of a text are dropped; the lead-in of a step summary gets one line feed.
[[nodiscard]] boost::system::result<prompt_texts, std::vector<problem>>
parse_prompt_texts(std::string_view yaml);

/// `text` with {name} replaced by its value, for every pair; values are not looked into again.
struct placeholder {
  std::string_view name;
  std::string_view value;
};
[[nodiscard]] std::string with_values(std::string_view text,
                                      std::initializer_list<placeholder> values);

}  // namespace persona_runtime
