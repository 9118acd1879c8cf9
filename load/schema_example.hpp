#pragma once
// Arguments for a tool of which only the schema is known. Private to this folder.

#include <simdjson.h>

#include <string>

namespace persona_runtime {

/// An object that `schema` takes, as JSON, with its required properties: the value that a property
/// names itself (const, default, enum, examples), else its minimum or 1 for numbers and "1" for
/// texts, of which many tools can make something. Other rules are not looked at. At most 64
/// properties of an object, and some 16 KiB.
[[nodiscard]] std::string schema_example(simdjson::dom::element schema);

}  // namespace persona_runtime
