#pragma once
// Byte string -> rank of a byte pair encoding, built once from the rank data.

#include "domain/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Immutable after loading; any thread may read it. About 6 MB for cl100k_base.
class rank_table {
public:
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  /// `data`: "PTR1", the number of tokens (32 bits, little endian), then every token in the order
  /// of its rank: its length (one byte, not 0), its bytes. Every single byte must be a token and
  /// none may occur twice. Fails with validation_error that says where the data is wrong.
  [[nodiscard]] static result<rank_table> load(std::string_view data);

  /// The rank of `bytes`, or `none`. `bytes` is not empty.
  [[nodiscard]] std::uint32_t find(std::string_view bytes) const {
    if (bytes.size() <= 8)
      return find_short(bytes);
    return bytes.size() <= longest_ ? find_long(bytes) : none;
  }

  [[nodiscard]] std::size_t size() const { return token_at_.size() - 1; }

  /// The bytes of a rank below size().
  [[nodiscard]] std::string_view token(std::uint32_t rank) const {
    return std::string_view{bytes_}.substr(token_at_[rank], token_at_[rank + 1] - token_at_[rank]);
  }

private:
  /// Tokens of at most 8 bytes stand in the slot itself, so that finding one touches one line of
  /// cache; nine of ten pieces of ordinary prose are that short.
  struct short_slot {
    std::uint64_t key = 0;
    std::uint32_t rank = none;
    std::uint32_t length = 0;
  };
  struct long_slot {
    std::uint32_t tag = 0;
    std::uint32_t rank = none;
  };

  [[nodiscard]] std::uint32_t find_short(std::string_view bytes) const;
  [[nodiscard]] std::uint32_t find_long(std::string_view bytes) const;
  void insert(std::string_view bytes, std::uint32_t rank);

  std::string bytes_;                    // all tokens, one behind the other
  std::vector<std::uint32_t> token_at_;  // size() + 1 offsets into bytes_
  std::vector<short_slot> short_;        // power of two, less than half full
  std::vector<long_slot> long_;          // likewise
  std::size_t longest_ = 0;
};

}  // namespace persona_runtime
