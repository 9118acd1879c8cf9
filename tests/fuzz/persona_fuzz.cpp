// A persona document is refused with a place, or read; as JSON it reads back the same.

#include "domain/persona/parse_persona.hpp"
#include "domain/persona/persona_json.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace persona_runtime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = std::string_view{reinterpret_cast<const char*>(data), size};
  const auto read = parse_persona(text);
  if (!read) {
    fuzz::require(!read.error().problems.empty(), "a refusal names no problem\n");
    return 0;
  }
  const auto json = to_json(*read->value);
  const auto again = parse_persona(json);
  fuzz::require(again.has_value(), "a persona's JSON is no persona\n");
  fuzz::require(*again->value == *read->value, "a persona changes when written and read\n");
  return 0;
}
