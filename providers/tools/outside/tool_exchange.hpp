#pragma once
// The JSON that an operator's tool is sent and answers: the same for HTTP and command tools.

#include "providers/tools/tool_body.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace persona_runtime {

/// {"call_id","name","arguments","run_id","persona_id","idempotency_key"}, one line. `name` is the
/// tool's. The arguments must have been checked: they go in as they are.
[[nodiscard]] std::string call_text(const tool_request& request, std::string_view name);

/// What a tool's answer means. A JSON object with a string `content` is taken apart (`is_error`,
/// `data` if an object, `artifacts`, `truncated`; other fields and fields of another type are
/// ignored), anything else is text. Ill-formed UTF-8 is repaired.
///
/// `kept` are the first bytes of the answer and `total_bytes` how many there were; an answer that
/// was not kept whole is text with a note, and truncated. JSON deeper than 64 is text.
[[nodiscard]] tool_result answer_of(std::string_view kept, std::size_t total_bytes);

/// The end of what a failing tool wrote, well-formed, without blanks around it, at most
/// `bytes_max` bytes.
[[nodiscard]] std::string tail_of(std::string_view text, std::size_t bytes_max);

}  // namespace persona_runtime
