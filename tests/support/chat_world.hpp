#pragma once
// A world with one conversation in it, and what somebody does who talks there.

#include "domain/event/event_data.hpp"
#include "tests/support/world.hpp"

namespace persona_runtime::test {

/// What became of a begun turn.
struct spoken {
  std::optional<turn_begun> begun{};
  std::optional<failure> refused{};
};

struct chat_world : world {
  explicit chat_world(world_options options = {}, bool fresh = true);

  // --- what a user does ---
  /// Says something, in the conversation; everything that then happens by itself has happened.
  spoken say(std::string text);
  /// Says it in the place of the messages from that position on.
  spoken say_instead(std::uint64_t position, std::string text);
  /// The same without letting anything happen.
  void send_say(std::string text);
  /// The failure of a cancel, or none.
  std::optional<failure> cancel(std::string reason = {});

  // --- what the outside does ---
  /// The open model call streams a piece.
  void model_streams(std::string_view piece);

  // --- what can be seen ---
  [[nodiscard]] std::vector<message_row> messages();
  [[nodiscard]] conversation_row row();
  /// Types of the public events of a turn; empty: of the last one.
  [[nodiscard]] std::vector<std::string> turn_events(run_id turn = {});
  [[nodiscard]] std::vector<std::string> turn_chunks(run_id turn = {});
  [[nodiscard]] std::vector<std::string> logs();
  [[nodiscard]] run_id last_turn();
  /// "role: text" of what the open call is sent, without the system message.
  [[nodiscard]] std::vector<std::string> prompt();

  conversation_id talk{"conv_01JD0000000000000000000000"};

private:
  spoken send(begin_turn msg);
  begin_turn next_begin(std::string text);
  std::uint64_t said_ = 0;
};

}  // namespace persona_runtime::test
