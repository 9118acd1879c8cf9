#pragma once
// A small story that every run of a world can play, whatever happens in between: look and write,
// ask, write again, deliver. What the model does follows from what it is sent, so a run that is
// taken up again goes on where it stood.

#include "tests/support/passing_store.hpp"
#include "tests/support/world.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace persona_runtime::test {

inline model_reply next_line(const chat_request& request) {
  if (request.purpose == call_purpose::summary)
    return says("What there is.");
  const auto said = std::ranges::count_if(
    request.context, [](const message_ptr& m) { return m->from == role::assistant; });
  switch (said) {
  case 0:
    return calls({call_of("search", "a"), call_of("write", "b")}, "I look and write.");
  case 1:
    return says("[ASK_USER] Is berth 4 free?");
  case 2:
    return calls({call_of("write", "c")});
  default:
    return says("[FINAL] Berth 4 is yours.");
  }
}

/// Answers whatever is open, once. False: nothing was.
inline bool play_once(world& w) {
  if (const auto call = w.model->desk.waiting()) {
    w.model_answers(next_line(call->request));
    return true;
  }
  for (auto& [name, tool] : w.tools) {
    if (tool->desk.waiting()) {
      w.tool_answers(name, result_of(name + " did it"));
      return true;
    }
  }
  return false;
}

/// Plays until the run has ended or `rounds` are over; true: it has ended.
inline bool play(world& w, int rounds = 60) {
  for (; rounds > 0; --rounds) {
    if (play_once(w))
      continue;
    const auto row = w.store->find_run(w.run);
    if (row && *row && is_terminal((*row)->status))
      return true;
    if (row && *row && (*row)->status == run_status::awaiting_user)
      caf::anon_send(w.actors.supervisor,
                     answer_run{w.run, {w.spec.owner, false}, "Yes.", {4, 5}, {}});
    w.advance(std::chrono::milliseconds{500});
  }
  return false;
}

/// A store that remembers what was appended, rows and contents included.
class taped_store final : public testing::passing_store {
public:
  taped_store() : passing_store{make_memory_store()} {}

  std::vector<journal_append> tape;

  result<std::vector<append_verdict>> append(std::span<const journal_append> batch) override {
    auto verdicts = inner_->append(batch);
    for (auto i = std::size_t{0}; verdicts && i < batch.size(); ++i) {
      if ((*verdicts)[i] == append_verdict::committed)
        tape.push_back(batch[i]);
    }
    return verdicts;
  }
};

/// Dense numbers, exactly one end, no side effect begun twice.
inline void check_journal(world& w) {
  const auto all = w.records();
  REQUIRE_FALSE(all.empty());
  auto state = run_state{};
  state.setup = w.setup;
  auto started = std::set<std::pair<step_index, call_index>>{};
  auto pos = std::uint64_t{0};
  auto seq = std::uint64_t{0};
  for (const auto& append : w.store->read_run(w.run).value()) {
    CHECK(append.pos == pos);
    CHECK(append.seq.value == seq);
    pos += append.records;
    seq += append.events;
    for (const auto& event : events_of(append.body, {}))
      CHECK(event.seq.value < seq);
  }
  CHECK(pos == all.size());
  for (const auto& r : all) {
    if (const auto* call = std::get_if<fact::tool_started>(&r.body))
      CHECK(started.emplace(state.step, call->call).second);
    ::persona_runtime::apply(state, r.body);
  }
  CHECK(w.count("finished") == 1);
  CHECK(kind_of(all.back().body) == "finished");
  CHECK(w.view().status == state.status);
  CHECK(w.store->find_run(w.run).value()->status == state.status);
}

/// Nothing is under way for a run that has ended.
inline void check_no_orphans(world& w) {
  CHECK(w.model->desk.waiting() == nullptr);
  for (const auto& [name, tool] : w.tools) {
    CHECK(tool->desk.waiting() == nullptr);
    auto keys = std::set<std::string>{};
    if (tool->definition().effect != tool_effect::side_effect)
      continue;
    for (const auto& call : tool->desk.calls)
      CHECK(keys.insert(call->request.idempotency_key).second);
  }
}

/// Asks for the run of `w` without letting anything happen.
inline void send_start(world& w, std::string key = {}, std::string hash = {}) {
  auto own = w.spec;
  own.task_size = size_of(*source_tokenizer(), role::user, own.task);
  auto text = encode_setup(*w.setup);
  own.setup_hash = sha256_text(text);
  caf::anon_send(w.actors.supervisor,
                 start_run{w.run, std::make_shared<const run_spec>(std::move(own)), w.setup,
                           shared_text{std::move(text)}, std::move(key), std::move(hash)});
}

}  // namespace persona_runtime::test
