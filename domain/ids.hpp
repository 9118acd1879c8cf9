#pragma once
// Identifiers and quantities. Kinds never convert into each other, so swapped arguments do not
// compile.

#include <compare>
#include <cstdint>
#include <string>

namespace persona_runtime {

template <class Tag, class Rep>
struct strong {
  Rep value{};
  friend auto operator<=>(const strong&, const strong&) = default;
};

using run_id = strong<struct run_tag, std::string>;          // "run_" + ULID
using persona_id = strong<struct persona_tag, std::string>;  // "persona_" + ULID
using owner_id = strong<struct owner_tag, std::string>;      // who runs and personas belong to
using conversation_id = strong<struct conversation_tag, std::string>;  // "conv_" + ULID
using message_id = strong<struct message_tag, std::string>;            // "msg_" + ULID
using incarnation = strong<struct incarnation_tag, std::uint32_t>;     // 0 first, +1 per restart
using step_index = strong<struct step_tag, std::uint32_t>;             // 0-based, dense in a run
using attempt_index = strong<struct attempt_tag, std::uint32_t>;       // 0-based, dense in a step
using call_index = strong<struct call_tag, std::uint32_t>;             // 0-based, in call order
using event_seq = strong<struct event_tag, std::uint64_t>;             // 0-based, dense in a run
using token_count = strong<struct token_tag, std::uint64_t>;
using instant = strong<struct instant_tag, std::int64_t>;  // ms since the Unix epoch, UTC

/// What a call belongs to. Calls and replies carry it; a reply whose identity is not the
/// current one is late and is dropped.
struct identity {
  run_id run;
  incarnation life;
  step_index step;
  attempt_index attempt;
  friend auto operator<=>(const identity&, const identity&) = default;
};

}  // namespace persona_runtime
