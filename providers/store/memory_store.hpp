#pragma once
// A store that forgets everything with the process: for tests, and for `persona run` without a
// data directory.

#include "providers/store/journal_store.hpp"

#include <memory>

namespace persona_runtime {

/// Behaves as the database does (one contract test runs against both), except that nothing is
/// durable. Any thread may use it and its readers: one lock guards all.
[[nodiscard]] std::unique_ptr<journal_store> make_memory_store();

}  // namespace persona_runtime
