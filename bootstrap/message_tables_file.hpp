#pragma once
// Finds and reads the tables by which messages are judged.

#include "domain/conversation/message_tables.hpp"

#include <filesystem>
#include <string_view>

namespace persona_runtime {

/// The tables NAME of `folder`/routing/NAME.yaml ("default", "reference"), or those of a file: what
/// holds a "/" or ends in ".yaml" is a path. Fails with validation_error that names the file and
/// the first mistakes by line.
[[nodiscard]] result<message_tables_ptr> load_message_tables(const std::filesystem::path& folder,
                                                             std::string_view name_or_file);

}  // namespace persona_runtime
