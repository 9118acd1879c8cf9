#pragma once
// Conversations and turns that write themselves down, with made-up records.

#include "providers/store/journal_store.hpp"

#include <string>
#include <utility>

namespace persona_runtime::testing {

inline conversation_row a_conversation(std::string id = "conv_1", std::string owner = "alice",
                                       std::string persona = "persona_1") {
  auto row = conversation_row{};
  row.id = {std::move(id)};
  row.owner = {std::move(owner)};
  row.persona = {std::move(persona)};
  row.created_at = {1'000};
  row.updated_at = {1'000};
  return row;
}

/// One turn after the other of one conversation.
class turn_script {
public:
  explicit turn_script(std::string conversation = "conv_1", std::string prefix = "msg")
    : conversation_{std::move(conversation)}, prefix_{std::move(prefix)} {}

  incarnation life;
  instant at{2'000};

  /// Transaction 1 of the next turn.
  journal_append first(const std::string& said) {
    pos_ = 0;
    seq_ = 0;
    auto append = next(0);
    append.turn->added.push_back(message(role::user, message_status::complete, said));
    append.turn->added.push_back(message(role::assistant, message_status::running, ""));
    return append;
  }
  /// Something in between, with so many public records.
  journal_append next(std::uint32_t events = 1, const std::string& text = "x") {
    auto append = journal_append{};
    append.run = id_of_answer();
    append.life = life;
    append.pos = std::exchange(pos_, pos_ + events + 1);
    append.records = events + 1;
    append.seq = {std::exchange(seq_, seq_ + events)};
    append.events = events;
    append.body = shared_text{R"({"text":")" + text + "\"}\n"};
    append.turn = turn_rows{};
    append.turn->conversation = {conversation_};
    return append;
  }
  /// Transaction 2.
  journal_append last(const std::string& answer, message_status status = message_status::complete) {
    auto append = next(2);
    append.turn->ended = message_end{status, shared_text{answer}, "mid", false, {at.value + 500}};
    if (status == message_status::complete) {
      append.turn->log = R"({"turn_index":)" + std::to_string(messages_) + "}";
      append.turn->log_index = messages_;
    }
    messages_ += 2;
    at = {at.value + 1'000};
    return append;
  }
  [[nodiscard]] run_id id_of_answer() const { return {id(messages_ + 1)}; }

private:
  std::string id(std::uint64_t position) const {
    return prefix_ + "_" + conversation_ + "_" + std::to_string(position);
  }
  message_row message(role from, message_status status, const std::string& text) {
    auto m = message_row{};
    m.position = messages_ + (from == role::assistant ? 1 : 0);
    m.id = {id(m.position)};
    m.from = from;
    m.status = status;
    m.created_at = at;
    m.content = shared_text{text};
    return m;
  }

  std::string conversation_;
  std::string prefix_;
  std::uint64_t messages_ = 0;
  std::uint64_t pos_ = 0;
  std::uint64_t seq_ = 0;
};

}  // namespace persona_runtime::testing
