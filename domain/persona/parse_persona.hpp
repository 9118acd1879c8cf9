#pragma once
// Persona documents, version "1.0": from text to a persona, or to everything that is wrong.

#include "domain/persona/persona.hpp"
#include "domain/yaml/problem.hpp"

#include <boost/system/result.hpp>

#include <string_view>
#include <vector>

namespace persona_runtime {

/// What a caller may tell apart about a document that was refused.
enum class persona_fault : std::uint8_t {
  not_found,       // no file to read; set by who reads files
  invalid_yaml,    // also too large, or nested too deeply
  not_a_mapping,   // empty, a list, a scalar
  schema_version,  // its version is the only thing wrong with it (files only)
  validation,      // one or more fields
};

struct persona_rejection {
  persona_fault fault = persona_fault::validation;
  std::vector<problem> problems;  // at least one; by line
};

struct loaded_persona {
  persona_ptr value;
  std::vector<problem> notices;  // legal, but worth telling its author
};

using persona_outcome = boost::system::result<loaded_persona, persona_rejection>;

/// Reads a document of at most 256 KiB (aliases written out) and 32 levels. The id stays empty
/// when the document has none.
[[nodiscard]] persona_outcome parse_persona(std::string_view text);

/// Reads what a file holds: without an id in the document, the id is the file's name without
/// folder and last extension ("my.persona.yaml": "my.persona").
[[nodiscard]] persona_outcome parse_persona_file(std::string_view text, std::string_view file);

}  // namespace persona_runtime
