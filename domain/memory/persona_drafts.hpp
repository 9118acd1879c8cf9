#pragma once
// What a persona's document says, as changes of its memory (persona-tools §6).

#include "domain/memory/write.hpp"
#include "domain/persona/persona.hpp"

#include <functional>
#include <string>
#include <vector>

namespace persona_runtime {

/// Four requests, one per store, in the order identity, self_facts, worldview, episodic: apply them
/// in one batch whenever the document is loaded or edited. A document that says the same as the
/// last one changes nothing. `id` is the persona's in the store; `fresh_ulid` gives another ULID
/// on every call. Texts are cut to what memory takes (64 KiB), claims beyond 1,000 are refused by
/// the writer.
[[nodiscard]] memory_batch index_persona(const persona& p, const persona_id& id,
                                         const std::string& written_by, instant now,
                                         const std::function<std::string()>& fresh_ulid);

}  // namespace persona_runtime
