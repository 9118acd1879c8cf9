#pragma once
// Exact token counts of cl100k_base. Text of special tokens ("<|endoftext|>") is ordinary text.

#include "domain/failure.hpp"
#include "domain/run/message.hpp"
#include "domain/text/rank_table.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Immutable; any thread may use one tokenizer at once. Bytes that are not UTF-8 are encoded as
/// they are, one character each. Time is linear but for one piece without a break (a single word
/// of n letters), which takes n log n. Texts are below 4 GiB.
class tokenizer {
public:
  /// `ranks`: what rank_table::load takes. Fails with validation_error.
  [[nodiscard]] static result<std::shared_ptr<const tokenizer>> load(std::string_view ranks);

  explicit tokenizer(rank_table ranks) : ranks_{std::move(ranks)} {}

  [[nodiscard]] std::size_t count(std::string_view text) const;
  /// The count of `text`, and of `text` with a line feed behind it, for little more than the first.
  [[nodiscard]] message_size count_line(std::string_view text) const;
  [[nodiscard]] std::vector<std::uint32_t> encode(std::string_view text) const;

  /// The bytes of a token; empty for a number that is none.
  [[nodiscard]] std::string_view bytes_of(std::uint32_t token) const {
    return token < ranks_.size() ? ranks_.token(token) : std::string_view{};
  }

private:
  [[nodiscard]] std::size_t count_piece(std::string_view piece,
                                        std::vector<std::uint32_t>& borders) const;

  rank_table ranks_;
};

using tokenizer_ptr = std::shared_ptr<const tokenizer>;

/// The size of a message as "role: content". Adding `followed` of all but the last message and
/// `alone` of the last gives exactly the count of all lines joined by line feeds, because no token
/// reaches over a line feed that a role's name follows.
[[nodiscard]] message_size size_of(const tokenizer& counter, role from, std::string_view content);

}  // namespace persona_runtime
