#pragma once
// Texts of a given size, which stand for texts that the recorded rows only name.

#include "domain/text/tokenizer.hpp"

#include <stdexcept>
#include <string>

namespace persona_runtime::test {

/// `begin` with so many more words that it takes that many tokens.
inline std::string of_tokens(const tokenizer& counter, const std::string& begin,
                             std::size_t tokens) {
  auto words = begin;
  while (counter.count(words + ".") < tokens)
    words += " on";
  if (counter.count(words + ".") != tokens)
    throw std::runtime_error("no text of that many tokens: " + begin);
  return words + ".";
}

}  // namespace persona_runtime::test
