#pragma once
// A public event as it is stored and as it is sent: one JSON text, made once.

#include "domain/ids.hpp"
#include "domain/text/shared_text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// One event of a run, a slice of the journal's bytes. `json` is
/// {"seq","run_id","type","step","data","timestamp"} without line feeds.
struct run_event {
  event_seq seq;
  shared_text body;  // holds the slice alive
  std::uint32_t offset = 0;
  std::uint32_t length = 0;

  [[nodiscard]] std::string_view json() const { return body.view().substr(offset, length); }
  /// "started", "thinking", …: read from the JSON.
  [[nodiscard]] std::string_view type() const;
};

/// The events of one journal body with seq >= from, in order. Private records are left out.
[[nodiscard]] std::vector<run_event> events_of(const shared_text& body, event_seq from);

}  // namespace persona_runtime
