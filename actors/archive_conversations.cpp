#include "actors/archive_conversations.hpp"

#include "domain/event/conversation_json.hpp"
#include "domain/event/turn_codec.hpp"
#include "domain/text/json_text.hpp"
#include "messages/errors.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

constexpr auto tail_max = 400U;
constexpr auto questions_max = 200U;
constexpr auto shown_max = 1'000U;  // messages in a conversation's detail: the newest

result<conversation_row> row_for(archive_life& life, const conversation_id& id, const asker& who) {
  auto row = life.reader->find_conversation(id);
  if (!row)
    return row.error();
  if (!*row || (!who.admin && who.owner != (*row)->owner))
    return failure{errc::conversation_not_found, "there is no conversation " + id.value};
  return std::move(**row);
}

result<found_conversation> found_for(archive_life& life, const conversation_id& id,
                                     const asker& who) {
  auto row = row_for(life, id, who);
  if (!row)
    return row.error();
  auto persona = life.reader->find_persona(row->persona);
  if (!persona)
    return persona.error();
  if (!*persona)
    return failure{errc::persona_not_found, "the conversation's persona is gone"};
  return found_conversation{std::move(*row), std::move(**persona)};
}

/// The newest messages that are wanted, the oldest of them first.
result<std::vector<message_row>> newest(archive_life& life, message_filter wanted) {
  wanted.newest_first = true;
  auto rows = life.reader->list_messages(wanted);
  if (rows)
    std::ranges::reverse(*rows);
  return rows;
}

/// What was shown of a turn so far: its log, its text, and the number of the last event in it.
struct turn_so_far {
  std::string log{"["};  // a JSON list
  std::string text;
  std::optional<event_seq> last;
};

result<turn_so_far> read_turn(archive_life& life, const run_id& turn) {
  auto appends = life.reader->read_run(turn);
  if (!appends)
    return appends.error();
  auto found = turn_so_far{};
  for (const auto& append : *appends) {
    for (const auto& event : events_of(append.body, {})) {
      const auto empty = found.log.size() == 1;
      auto entry = std::string{};
      if (!append_log_entry(entry, event))
        continue;
      found.log.append(empty ? "" : ",").append(entry);
      if (event.type() == "chunk")
        found.text += chunk_text_of(event);
      found.last = event.seq;
    }
  }
  found.log += ']';
  return found;
}

result<void> append_message(archive_life& life, std::string& out, const message_row& row) {
  auto shown = row;
  auto log = std::string{};
  if (row.from == role::assistant) {
    auto turn = read_turn(life, {row.id.value});
    if (!turn)
      return turn.error();
    log = std::move(turn->log);
    if (row.status == message_status::running)
      shown.content = shared_text{std::move(turn->text)};
  }
  append_message_view(out, shown, log);
  return {};
}

result<std::string> messages_json(archive_life& life, const std::vector<message_row>& rows) {
  auto out = std::string{"["};
  for (const auto& row : rows) {
    if (out.size() > 1)
      out += ',';
    if (auto done = append_message(life, out, row); !done)
      return done.error();
  }
  return out + ']';
}

template <class T>
caf::result<json_text> as_answer(result<T> text) {
  if (!text)
    return to_caf_error(text.error());
  return json_text{shared_text{std::move(*text)}};
}

result<std::string> detail_of(archive_life& life, const show_conversation& msg) {
  const auto row = row_for(life, msg.id, msg.who);
  if (!row)
    return row.error();
  auto wanted = message_filter{msg.id};
  wanted.limit = shown_max;
  const auto rows = newest(life, std::move(wanted));
  if (!rows)
    return rows.error();
  auto messages = messages_json(life, *rows);
  if (!messages)
    return messages.error();
  auto out = std::string{};
  append_conversation_summary(out, *row, ",\"messages\":" + *messages);
  return out;
}

result<std::string> page_of(archive_life& life, const list_messages& msg) {
  if (const auto row = row_for(life, msg.id, msg.who); !row)
    return row.error();
  auto wanted = message_filter{msg.id};
  wanted.before = msg.before;
  wanted.contains = msg.contains;
  wanted.limit = msg.limit;
  const auto rows = newest(life, std::move(wanted));
  if (!rows)
    return rows.error();
  auto messages = messages_json(life, *rows);
  if (!messages)
    return messages.error();
  auto out = std::string{};
  auto o = json_writer{out};
  o.raw("items", *messages);
  if (rows->size() == msg.limit && rows->front().position > 0)
    o.number("next_before", rows->front().position);
  else
    o.raw("next_before", "null");
  o.close();
  return out;
}

result<message_row> running_in(archive_life& life, const conversation_id& id, const asker& who) {
  if (const auto row = row_for(life, id, who); !row)
    return row.error();
  auto running = life.reader->running_message(id);
  if (!running)
    return running.error();
  if (!*running)
    return failure{errc::turn_not_active, "no turn is under way in this conversation"};
  return std::move(**running);
}

result<std::string> active_turn_of(archive_life& life, const show_turn& msg) {
  const auto running = running_in(life, msg.id, msg.who);
  if (!running)
    return running.error();
  const auto turn = read_turn(life, {running->id.value});
  if (!turn)
    return turn.error();
  auto out = std::string{};
  auto o = json_writer{out};
  o.text("message_id", running->id.value);
  o.text("streaming_status", name_of(running->status)).text("content", turn->text);
  o.raw("stream_events", turn->log);
  if (turn->last)
    o.number("last_event_id", turn->last->value);
  else
    o.raw("last_event_id", "null");
  o.close();
  return out;
}

result<loaded_conversation> load(archive_life& life, const load_conversation& msg) {
  auto loaded = loaded_conversation{};
  auto row = row_for(life, msg.id, {{}, true});
  if (!row)
    return row.error();
  loaded.row = std::move(*row);
  auto wanted = message_filter{msg.id};
  wanted.from = loaded.row.folded;
  wanted.limit = tail_max;
  auto tail = newest(life, std::move(wanted));
  if (!tail)
    return tail.error();
  loaded.tail = std::move(*tail);
  auto asked = message_filter{msg.id};
  asked.before = loaded.tail.empty() ? loaded.row.folded : loaded.tail.front().position;
  asked.questions_only = true;
  asked.limit = questions_max;
  auto questions = newest(life, std::move(asked));
  if (!questions)
    return questions.error();
  loaded.questions = std::move(*questions);
  auto spent = life.reader->read_spent(msg.id);
  if (!spent)
    return spent.error();
  loaded.spent = *spent;
  if (loaded.tail.empty() || loaded.tail.back().status != message_status::running)
    return loaded;
  auto unfinished = life.reader->read_run({loaded.tail.back().id.value});
  if (!unfinished)
    return unfinished.error();
  loaded.unfinished = std::move(*unfinished);
  return loaded;
}

/// The turn's first record has what its message's row does not: whose talk it was.
result<turn_spec_ptr> spec_of_turn(archive_life& life, const message_id& answer) {
  const auto appends = life.reader->read_run({answer.value});
  if (!appends)
    return appends.error();
  if (appends->empty())
    return turn_spec_ptr{};
  const auto records = decode_turn_body(appends->front().body.view());
  if (!records)
    return records.error();
  const auto* opened = std::get_if<turn_fact::opened>(&records->front().body);
  return opened == nullptr ? nullptr : opened->spec;
}

result<last_said> last_said_in(archive_life& life, const conversation_id& id) {
  auto wanted = message_filter{id};
  wanted.limit = 2;
  const auto pair = newest(life, std::move(wanted));
  if (!pair)
    return pair.error();
  if (pair->size() != 2 || pair->front().from != role::user)
    return failure{errc::turn_not_active, "there is no answer yet that could be given anew"};
  const auto& [question, answer] = std::tie(pair->front(), pair->back());
  if (answer.status == message_status::running)
    return failure{errc::turn_already_active, "the last answer is not complete yet"};
  if (!question.images.empty())
    return failure{errc::validation_error,
                   "the last message had images, which are not kept: send it again with them"};
  auto said = last_said{question.content.str(), {}, question.channel, question.position, {}};
  const auto spec = spec_of_turn(life, answer.id);
  if (!spec)
    return spec.error();
  if (*spec != nullptr)
    said.user = (*spec)->user;
  return said;
}

}  // namespace

caf::result<last_said> on_find_last_said(archive_life& life, const find_last_said& msg) {
  auto found = found_for(life, msg.id, msg.who);
  if (!found)
    return to_caf_error(found.error());
  auto said = last_said_in(life, msg.id);
  if (!said)
    return to_caf_error(said.error());
  said->persona = std::move(found->persona);
  return std::move(*said);
}

caf::result<found_conversation> on_find_conversation(archive_life& life,
                                                     const find_conversation& msg) {
  auto found = found_for(life, msg.id, msg.who);
  if (!found)
    return to_caf_error(found.error());
  return std::move(*found);
}

caf::result<loaded_conversation> on_load_conversation(archive_life& life,
                                                      const load_conversation& msg) {
  auto loaded = load(life, msg);
  if (!loaded)
    return to_caf_error(loaded.error());
  if (life.rules.open_workspace)
    life.rules.open_workspace(loaded->row.owner, loaded->row.persona);
  return std::move(*loaded);
}

caf::result<json_text> on_show_conversation(archive_life& life, const show_conversation& msg) {
  return as_answer(detail_of(life, msg));
}

caf::result<json_text> on_summarise(archive_life& life, const summarise_conversation& msg) {
  const auto row = row_for(life, msg.id, msg.who);
  if (!row)
    return to_caf_error(row.error());
  auto out = std::string{};
  append_conversation_summary(out, *row);
  return json_text{shared_text{std::move(out)}};
}

caf::result<json_text> on_list_conversations(archive_life& life, const list_conversations& msg) {
  auto wanted = conversation_filter{};
  if (!msg.who.admin)
    wanted.owner = msg.who.owner;
  wanted.persona = msg.persona;
  wanted.limit = msg.limit;
  wanted.offset = msg.offset;
  const auto rows = life.reader->list_conversations(wanted);
  if (!rows)
    return to_caf_error(rows.error());
  auto out = std::string{};
  append_json_list(out, *rows, [](std::string& to, const conversation_row& row) {
    append_conversation_summary(to, row);
  });
  return json_text{shared_text{std::move(out)}};
}

caf::result<json_text> on_list_messages(archive_life& life, const list_messages& msg) {
  return as_answer(page_of(life, msg));
}

caf::result<json_text> on_show_turn(archive_life& life, const show_turn& msg) {
  return as_answer(active_turn_of(life, msg));
}

caf::result<found_turn> on_find_turn(archive_life& life, const find_turn& msg) {
  const auto running = running_in(life, msg.id, msg.who);
  if (!running)
    return to_caf_error(running.error());
  return found_turn{{running->id.value}};
}

caf::result<json_text> on_list_turns(archive_life& life, const list_turns& msg) {
  if (const auto row = row_for(life, msg.id, msg.who); !row)
    return to_caf_error(row.error());
  const auto rows = life.reader->list_turn_logs({msg.id, msg.before, msg.limit});
  if (!rows)
    return to_caf_error(rows.error());
  auto out = std::string{};
  append_json_list(out, *rows,
                   [](std::string& to, const turn_log_row& row) { to.append(row.log); });
  return json_text{shared_text{std::move(out)}};
}

caf::result<unfinished_turn_list> on_list_unfinished_turns(archive_life& life,
                                                           const list_unfinished_turns& msg) {
  const auto turns = life.reader->unfinished_turns(msg.after, msg.limit);
  if (!turns)
    return to_caf_error(turns.error());
  auto out = unfinished_turn_list{};
  for (const auto& turn : *turns) {
    out.numbers.push_back(turn.number);
    out.conversations.push_back(turn.conversation);
  }
  return out;
}

}  // namespace persona_runtime
