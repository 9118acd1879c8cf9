#pragma once
// Looking at tokens: is this the word, the phrase, the symbol?

#include "providers/chat/rehearsal/lexer.hpp"

#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime::rehearsal {

using words = std::initializer_list<std::string_view>;
/// For tables: an initializer_list that a table copies outlives its words.
using word_list = std::vector<std::string_view>;

class reader {
public:
  reader(std::string_view task, std::vector<token> tokens);

  [[nodiscard]] std::size_t size() const { return tokens_.size(); }
  [[nodiscard]] const token& at(std::size_t i) const { return tokens_[i]; }
  [[nodiscard]] std::string_view task() const { return task_; }

  /// All of these are false beyond the end, and for tokens that a goal has taken.
  [[nodiscard]] bool is(std::size_t i, token_kind kind) const;
  [[nodiscard]] bool is_symbol(std::size_t i, std::string_view text) const;
  [[nodiscard]] bool is_word(std::size_t i, std::span<const std::string_view> any) const;
  [[nodiscard]] bool is_word(std::size_t i, words any) const {
    return is_word(i, std::span{any.begin(), any.size()});
  }

  /// How many tokens the longest of these phrases covers at `i`; 0: none is there.
  [[nodiscard]] std::size_t phrase(std::size_t i, std::span<const std::string_view> any) const;
  [[nodiscard]] std::size_t phrase(std::size_t i, words any) const {
    return phrase(i, std::span{any.begin(), any.size()});
  }

  /// The same, over tokens that a goal has taken too.
  [[nodiscard]] bool reads(std::size_t i, std::string_view phrase) const;

  /// [begin, end) of the sentence around `i`.
  [[nodiscard]] std::pair<std::size_t, std::size_t> sentence(std::size_t i) const;

  /// True when one of the phrases stands anywhere in [begin, end), taken or not.
  [[nodiscard]] bool holds(std::size_t begin, std::size_t end,
                           std::span<const std::string_view> any) const;
  [[nodiscard]] bool holds(std::size_t begin, std::size_t end, words any) const {
    return holds(begin, end, std::span{any.begin(), any.size()});
  }

  void use(std::size_t begin, std::size_t end);

  /// The task's own text of the tokens [begin, end).
  [[nodiscard]] std::string text(std::size_t begin, std::size_t end) const;

private:
  std::string_view task_;
  std::vector<token> tokens_;
  std::vector<std::size_t> sentence_begin_;  // of each token
  std::vector<std::size_t> sentence_end_;
};

}  // namespace persona_runtime::rehearsal
