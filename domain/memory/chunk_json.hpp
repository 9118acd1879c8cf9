#pragma once
// Chunks and metadata as JSON: in the store, in exports, over HTTP.

#include "domain/memory/chunk.hpp"

namespace persona_runtime {

/// {"id","text","metadata","content_hash","provenance","created_at","key","distance"}; times in
/// UTC; provenance and distance null when there are none.
[[nodiscard]] std::string to_json(const memory_chunk& chunk);
void append_json(std::string& out, const memory_chunk& chunk);

/// @errors validation_error: not JSON, unknown or missing field, wrong type, a time without an
/// offset ("naive"), a hash that is not the content's
[[nodiscard]] result<memory_chunk> memory_chunk_from_json(std::string_view json);

[[nodiscard]] std::string metadata_json(const memory_metadata& metadata);
/// What metadata_json wrote; none for anything that is no object of strings.
[[nodiscard]] std::optional<memory_metadata> metadata_from_json(std::string_view json);

}  // namespace persona_runtime
