#pragma once
// The real tokenizer, loaded once per test program. Link persona_runtime::data_files.

#include "bootstrap/data_files.hpp"

namespace persona_runtime {

inline tokenizer_ptr shared_tokenizer_ptr() {
  static const tokenizer_ptr loaded = load_tokenizer(PERSONA_SOURCE_DIR "/config").value();
  return loaded;
}

inline const tokenizer& shared_tokenizer() {
  return *shared_tokenizer_ptr();
}

}  // namespace persona_runtime
