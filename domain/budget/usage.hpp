#pragma once
// What model calls took, by day: the totals that outlive the runs and turns they come from.

#include "domain/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// A UTC day, counted from 1970-01-01.
using usage_day = strong<struct usage_day_tag, std::int64_t>;

[[nodiscard]] usage_day day_of(instant at);
/// "2026-11-22"
[[nodiscard]] std::string text_of(usage_day day);
/// The day that such a text names, of the years 1970 to 9999; none: it names none.
[[nodiscard]] std::optional<usage_day> parse_usage_day(std::string_view text);

/// Sums over the calls of one owner's persona to one model on one day. In an answer whose rows are
/// sums over some of these four, those are empty (the day is 0).
struct usage_entry {
  owner_id owner;
  persona_id persona;
  usage_day day;
  std::string model;        // "provider/model"
  std::uint64_t calls = 0;  // attempts that were sent
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
  double cents = 0;             // of the calls whose price is known
  std::uint64_t unpriced = 0;   // calls whose price is not
  std::uint64_t estimated = 0;  // calls whose tokens we counted ourselves
  friend bool operator==(const usage_entry&, const usage_entry&) = default;
};

/// Adds the figures of `more`; whose they are stays.
void add(usage_entry& to, const usage_entry& more);

/// Which entries, and by what they are summed up. None: all.
struct usage_filter {
  std::optional<owner_id> owner{};
  std::optional<persona_id> persona{};
  std::optional<usage_day> from{};  // both ends included
  std::optional<usage_day> to{};
  bool by_owner = true;
  bool by_persona = true;
  bool by_day = true;
  bool by_model = true;
  std::uint32_t limit = 200;  // 1..1'000
  std::uint64_t offset = 0;
};

/// What a conversation has cost so far.
struct spent_cents {
  double cents = 0;            // of the calls whose price is known
  std::uint64_t unpriced = 0;  // calls whose price is not
  friend bool operator==(const spent_cents&, const spent_cents&) = default;
};

}  // namespace persona_runtime
