#pragma once

#include "providers/store/chunk_store.hpp"

#include <memory>
#include <string>

namespace persona_runtime::sqlite {

/// A read-only connection of its own, opened by the first question, which can then say what went
/// wrong. `path` of the database file.
[[nodiscard]] std::unique_ptr<chunk_reader> open_memory_reader(std::string path, std::string vfs);

}  // namespace persona_runtime::sqlite
