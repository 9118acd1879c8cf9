#pragma once
#include "messages/memory_messages.hpp"
#include "providers/tools/memory_keeper.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <vector>

namespace persona_runtime {

/// Memory as its actors have it. `sys` must outlive the keeper; its actors must be told to go
/// before.
[[nodiscard]] std::shared_ptr<memory_keeper> make_actor_keeper(caf::actor_system& sys,
                                                               journal_actor journal,
                                                               std::vector<memory_actor> memories,
                                                               std::chrono::milliseconds limit);

}  // namespace persona_runtime
