#pragma once
// Where turn logs go for good.

#include "domain/conversation/turn_log.hpp"

namespace persona_runtime {

/// Never fails a turn: what cannot be written is counted and dropped (D-16). Blocks at most as
/// long as the write takes; each implementation says which threads may use it.
class turn_log_writer {
public:
  virtual ~turn_log_writer() = default;
  virtual void write(const turn_log& log) = 0;
};

}  // namespace persona_runtime
