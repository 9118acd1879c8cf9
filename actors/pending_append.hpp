#pragma once
#include "domain/event/codec.hpp"
#include "domain/event/journal_rows.hpp"
#include "domain/event/turn_codec.hpp"

#include <string>

namespace persona_runtime {

/// Records of one run or turn on their way into one append. Bounded by what one decision writes
/// down.
struct pending_append {
  std::uint64_t pos = 0;  // of the first record
  event_seq seq;          // of the first public record
  std::uint32_t records = 0;
  std::uint32_t events = 0;  // public records among them
  std::string body;

  void add(const run_id& run, const record& r, instant at);
  void add(const run_id& turn, const turn_record& r, instant at);

  /// What was added; afterwards this is ready for the records that follow it.
  [[nodiscard]] journal_append take(const run_id& run, incarnation life);
};

}  // namespace persona_runtime
