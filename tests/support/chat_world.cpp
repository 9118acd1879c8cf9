#include "tests/support/chat_world.hpp"

#include "domain/event/turn_codec.hpp"
#include "messages/errors.hpp"

namespace persona_runtime::test {
namespace {

constexpr auto persona_yaml = R"(schema_version: "1.0"
identity:
  name: Mira
  role: harbour clerk
  background: Keeps the berth book for a small harbour.
tools: [search, write, remember, forget, text_summarize]
autonomy: decisive
)";

persona_row stored_persona(const std::string& extra) {
  auto row = persona_row{};
  row.id = {"persona_1"};
  row.owner = {"alice"};
  row.yaml = persona_yaml + extra;
  row.summary = shared_text{"{}"};
  row.updated_at = {1};
  return row;
}

}  // namespace

chat_world::chat_world(world_options given, bool fresh) : world{std::move(given)} {
  if (!fresh)
    return;
  REQUIRE(store->put_persona(stored_persona(options.chat_persona_extra)).has_value());
  auto row = conversation_row{};
  row.id = talk;
  row.owner = {"alice"};
  row.persona = {"persona_1"};
  row.title = "Berths";  // or one would be made behind the first turn
  REQUIRE(store->create_conversation(row).has_value());
}

begin_turn chat_world::next_begin(std::string text) {
  auto msg = begin_turn{};
  msg.what.conversation = talk;
  msg.what.text = std::move(text);
  // No two alike, not even in two worlds that share a store.
  const auto first = 10'000'000'000 + messages().size() * 1'000'000;
  const auto ulid = [&] { return "01JD" + std::to_string(first + said_++) + "00000000000"; };
  msg.question = {"msg_" + ulid()};
  msg.answer = {"msg_" + ulid()};
  msg.nonce = std::string(32, 'a');
  msg.persona = stored_persona(options.chat_persona_extra);
  return msg;
}

spoken chat_world::say(std::string text) {
  return send(next_begin(std::move(text)));
}

spoken chat_world::say_instead(std::uint64_t position, std::string text) {
  auto msg = next_begin(std::move(text));
  msg.what.replaces = position;
  return send(std::move(msg));
}

spoken chat_world::send(begin_turn msg) {
  auto self = caf::scoped_actor{sys};
  auto pending = self->request(actors.conversations, caf::infinite, std::move(msg));
  settle();
  auto out = spoken{};
  pending.receive([&](const turn_begun& begun) { out.begun = begun; },
                  [&](const caf::error& e) { out.refused = to_failure(e); });
  return out;
}

void chat_world::send_say(std::string text) {
  caf::anon_send(actors.conversations, next_begin(std::move(text)));
}

std::optional<failure> chat_world::cancel(std::string reason) {
  auto self = caf::scoped_actor{sys};
  auto pending = self->request<caf::message_priority::high>(actors.conversations, caf::infinite,
                                                            cancel_turn{talk, std::move(reason)});
  settle();
  auto refused = std::optional<failure>{};
  pending.receive([](const turn_ended&) {}, [&](const caf::error& e) { refused = to_failure(e); });
  return refused;
}

void chat_world::model_streams(std::string_view piece) {
  const auto call = model->desk.waiting();
  REQUIRE(call != nullptr);
  REQUIRE(call->request.sink != nullptr);
  call->request.sink->on_text(piece);
  settle();
}

std::vector<message_row> chat_world::messages() {
  auto filter = message_filter{talk};
  filter.limit = 1'000;
  auto rows = store->list_messages(filter);
  if (!rows)  // a fault meant for the engine hit this look
    rows = store->list_messages(filter);
  return rows ? *rows : std::vector<message_row>{};
}

conversation_row chat_world::row() {
  return store->find_conversation(talk).value().value();
}

run_id chat_world::last_turn() {
  const auto all = messages();
  REQUIRE_FALSE(all.empty());
  return {all.back().id.value};
}

std::vector<std::string> chat_world::turn_events(run_id turn) {
  if (turn.value.empty())
    turn = last_turn();
  auto found = std::vector<std::string>{};
  auto seq = std::uint64_t{0};
  for (const auto& append : store->read_run(turn).value()) {
    for (const auto& event : events_of(append.body, {})) {
      CHECK(event.seq.value == seq++);
      found.emplace_back(event.type());
    }
  }
  return found;
}

std::vector<std::string> chat_world::turn_chunks(run_id turn) {
  if (turn.value.empty())
    turn = last_turn();
  auto found = std::vector<std::string>{};
  for (const auto& append : store->read_run(turn).value()) {
    for (const auto& event : events_of(append.body, {})) {
      if (event.type() == "chunk")
        found.push_back(chunk_text_of(event));
    }
  }
  return found;
}

std::vector<std::string> chat_world::logs() {
  auto found = std::vector<std::string>{};
  for (const auto& log : store->list_turn_logs({talk, {}, 200}).value())
    found.push_back(log.log);
  return found;
}

std::vector<std::string> chat_world::prompt() {
  const auto call = model->desk.waiting();
  REQUIRE(call != nullptr);
  auto found = std::vector<std::string>{};
  for (auto i = std::size_t{1}; i < call->request.context.size(); ++i) {
    const auto& m = *call->request.context[i];
    found.push_back(std::string{name_of(m.from)} + ": " + m.content.str());
  }
  return found;
}

}  // namespace persona_runtime::test
