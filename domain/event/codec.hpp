#pragma once
// Records as bytes: one JSON object a line (docs/journal-format.md). Public records are written in
// the very form that viewers get, so nothing is rendered twice.

#include "domain/failure.hpp"
#include "domain/run/record.hpp"

namespace persona_runtime {

/// Where a record stands. `seq` is written for public records only.
struct record_place {
  run_id run;
  event_seq seq;
  instant at;
};

/// Appends `r` and a line feed to `body`.
void encode(std::string& body, const record& r, const record_place& place);

struct decoded_record {
  record body;
  instant at;  // of public records; else 0
};

/// Reads one line back, without its line feed. Fails with internal_error: the line is not what
/// `encode` writes.
[[nodiscard]] result<decoded_record> decode(std::string_view line);

/// Reads all lines of a journal body.
[[nodiscard]] result<std::vector<decoded_record>> decode_body(std::string_view body);

/// The spec and the setup of runs as texts; the hash of a setup is that of its text.
[[nodiscard]] std::string encode_setup(const run_setup& setup);
[[nodiscard]] result<setup_ptr> decode_setup(std::string_view text);

}  // namespace persona_runtime
