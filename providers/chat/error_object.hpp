#pragma once
// Private to the adapters: an error object within a document that is being read.

#include "providers/chat/json_walk.hpp"
#include "providers/chat/provider_errors.hpp"

namespace persona_runtime {

/// An error object, or a text that stands for one.
void read_error_words(simdjson::ondemand::value v, error_words& words);

}  // namespace persona_runtime
