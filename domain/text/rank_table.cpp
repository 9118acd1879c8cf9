#include "domain/text/rank_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace persona_runtime {
namespace {

constexpr std::string_view magic = "PTR1";
constexpr std::size_t head_bytes = 8;
constexpr std::uint32_t rank_tokens_max = 1u << 22;
constexpr std::uint64_t odd_spread =
  0x9E3779B97F4A7C15u;  // 2^64 / golden ratio: spreads close keys

template <class Word>
std::uint64_t word_at(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Up to 8 bytes as one number. Not the same on every machine, and never stored.
std::uint64_t key_of(std::string_view bytes) {
  const char* const p = bytes.data();
  const std::size_t n = bytes.size();
  if (n == 8)
    return word_at<std::uint64_t>(p);
  if (n >= 4)
    return word_at<std::uint32_t>(p) | word_at<std::uint32_t>(p + n - 4) << 32;
  if (n >= 2)
    return word_at<std::uint16_t>(p) | word_at<std::uint16_t>(p + n - 2) << 16;
  return static_cast<unsigned char>(*p);
}

std::uint64_t short_hash(std::uint64_t key, std::size_t length) {
  const std::uint64_t mixed = (key + length) * odd_spread;
  return mixed ^ (mixed >> 29);
}

std::uint64_t long_hash(std::string_view bytes) {
  std::uint64_t hash = bytes.size() * odd_spread;
  const char* p = bytes.data();
  for (std::size_t left = bytes.size(); left > 8; left -= 8, p += 8)
    hash = std::rotl((hash ^ word_at<std::uint64_t>(p)) * odd_spread, 31);
  hash = (hash ^ word_at<std::uint64_t>(bytes.data() + bytes.size() - 8)) * odd_spread;
  return hash ^ (hash >> 32);
}

std::uint32_t little_endian_32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

failure bad_data(const std::string& what) {
  return {errc::validation_error, "token ranks: " + what};
}

}  // namespace

std::uint32_t rank_table::find_short(std::string_view bytes) const {
  const std::uint64_t key = key_of(bytes);
  const std::size_t mask = short_.size() - 1;
  for (std::size_t i = short_hash(key, bytes.size()) & mask;; i = (i + 1) & mask) {
    const short_slot& slot = short_[i];
    if (slot.key == key && slot.length == bytes.size())
      return slot.rank;
    if (slot.length == 0)
      return none;
  }
}

std::uint32_t rank_table::find_long(std::string_view bytes) const {
  const std::uint64_t hash = long_hash(bytes);
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  const std::size_t mask = long_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    const long_slot& slot = long_[i];
    if (slot.rank == none)
      return none;
    if (slot.tag == tag && token(slot.rank) == bytes)
      return slot.rank;
  }
}

void rank_table::insert(std::string_view bytes, std::uint32_t rank) {
  if (bytes.size() <= 8) {
    const std::uint64_t key = key_of(bytes);
    const std::size_t mask = short_.size() - 1;
    std::size_t i = short_hash(key, bytes.size()) & mask;
    while (short_[i].length != 0)
      i = (i + 1) & mask;
    short_[i] = {key, rank, static_cast<std::uint32_t>(bytes.size())};
    return;
  }
  const std::uint64_t hash = long_hash(bytes);
  const std::size_t mask = long_.size() - 1;
  std::size_t i = hash & mask;
  while (long_[i].rank != none)
    i = (i + 1) & mask;
  long_[i] = {static_cast<std::uint32_t>(hash >> 32), rank};
}

result<rank_table> rank_table::load(std::string_view data) {
  if (data.size() < head_bytes || data.substr(0, magic.size()) != magic)
    return bad_data("the data does not begin with PTR1; is it still compressed?");
  const std::uint32_t count = little_endian_32(data.substr(magic.size(), 4));
  if (count > rank_tokens_max || count > data.size())
    return bad_data("a count of " + std::to_string(count) + " cannot be right");
  rank_table table;
  table.bytes_.reserve(data.size());
  table.token_at_.reserve(count + 1u);
  table.token_at_.push_back(0);
  std::size_t at = head_bytes;
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    const std::size_t length = at < data.size() ? static_cast<unsigned char>(data[at]) : 0;
    if (length == 0 || data.size() - at - 1 < length)
      return bad_data("the data ends, or is broken, at token " + std::to_string(rank));
    table.bytes_.append(data.substr(at + 1, length));
    table.token_at_.push_back(static_cast<std::uint32_t>(table.bytes_.size()));
    table.longest_ = std::max(table.longest_, length);
    at += 1 + length;
  }
  if (at != data.size())
    return bad_data("there is more behind the last token");
  const std::size_t slots = std::bit_ceil(std::size_t{2} * count + 512);
  table.short_.resize(slots);
  table.long_.resize(slots);
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    if (table.find(table.token(rank)) != none)
      return bad_data("token " + std::to_string(rank) + " occurs twice");
    table.insert(table.token(rank), rank);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char single = static_cast<char>(byte);
    if (table.find({&single, 1}) == none)
      return bad_data("the single byte " + std::to_string(byte) + " is missing");
  }
  return table;
}

}  // namespace persona_runtime
