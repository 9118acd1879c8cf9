#pragma once
// The records of turns as bytes, in the form of runs' records (docs/journal-format.md): one JSON
// object a line, public ones with a seq. A turn never goes on from its records: they are read to
// end it, and to show it. So what only viewers need is not taken apart again, and the text of the
// user's message stands in its row alone.

#include "domain/conversation/turn_record.hpp"
#include "domain/event/codec.hpp"
#include "domain/event/run_event.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Appends `r` and a line feed. `place.run` is the turn's id.
void encode(std::string& body, const turn_record& r, const record_place& place);

struct decoded_turn_record {
  turn_record body;
  instant at;  // of public records; else 0
};

/// Reads one line back, without its line feed. @errors internal_error
[[nodiscard]] result<decoded_turn_record> decode_turn_line(std::string_view line);

[[nodiscard]] result<std::vector<decoded_turn_record>> decode_turn_body(std::string_view body);

/// Appends what a message's log shows of one public line: {"type","step","data","timestamp"}, or
/// {"kind":"text","delta"} for a piece of the answer. False, and nothing is appended, for the end
/// of the turn, which is no part of the log.
bool append_log_entry(std::string& out, const run_event& event);

/// The text of a `chunk` line.
[[nodiscard]] std::string chunk_text_of(const run_event& event);

}  // namespace persona_runtime
