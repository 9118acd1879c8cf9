#pragma once
// `persona explain tokens`: what a text costs.

#include "domain/text/tokenizer.hpp"

#include <iosfwd>

namespace persona_runtime::cli {

/// For people: the whole of `in` as one text, its count and its tokens. At most 16 MiB. Returns
/// the exit code.
int explain_tokens(const tokenizer& counter, std::istream& in, std::ostream& out,
                   std::ostream& err);

/// For programs: one JSON object a line, {"id"?, "text"}, answered by {"id"?, "count", "ids"} in
/// the same order. A bad line is answered by {"id", "error"} (id null
/// where there was none) and the next one goes on. Lines of
/// at most 16 MiB; every answer is flushed. Returns 0.
int explain_tokens_jsonl(const tokenizer& counter, std::istream& in, std::ostream& out);

}  // namespace persona_runtime::cli
