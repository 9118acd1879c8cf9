#include "providers/store/sqlite/conversation_rows_writer.hpp"

#include "domain/conversation/fork.hpp"
#include "providers/store/sqlite/conversation_queries.hpp"

namespace persona_runtime::sqlite {

conversation_rows_writer::conversation_rows_writer(connection& db)
  : db_{db}, find_conversation_{db, "select c.number, c.messages, exists(select 1 from message m"
                                    " where m.conversation = c.number and m.status = 0)"
                                    " from conversation c where c.id = ?1"},
    find_turn_{db, "select number, conversation, status from message where id = ?1 and role = 2"},
    find_end_{db, "select life, pos + records, seq + events from turn_record"
                  " where key >= ?1 and key < ?2 order by key desc limit 1"},
    insert_message_{db, "insert into message (conversation, position, id, role, status, question,"
                        " created_at, tier, channel, images, content)"
                        " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"},
    replace_messages_{db, "update message set status = ?3"
                          " where conversation = ?1 and position >= ?2"},
    insert_append_{db, "insert into turn_record values (?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
    grow_conversation_{db, "update conversation set messages = messages + ?2, updated_at = ?3,"
                           " preview = ?4, preview_role = ?5 where number = ?1"},
    end_message_{db, "update message set status = ?2, question = ?3, tier = ?4, content = ?5"
                     " where number = ?1"},
    touch_conversation_{db, "update conversation set updated_at = ?2, preview = ?3,"
                            " preview_role = ?4 where number = ?1"},
    insert_log_{db, "insert or replace into turn_log values (?1, ?2, ?3, ?4)"} {
}

std::optional<conversation_rows_writer::turn_place>
conversation_rows_writer::find_turn(const run_id& turn) {
  auto at = turn_place{};
  {
    auto rows = find_turn_.query(turn.value);
    if (!rows.next())
      return std::nullopt;
    at.message = rows.integer(0);
    at.conversation = rows.integer(1);
    at.is_running = rows.integer(2) == 0;
  }
  const auto keys = keys_of(at.message);
  auto rows = find_end_.query(keys.first, keys.last);
  if (rows.next())
    at.end = {{static_cast<std::uint32_t>(rows.integer(0))},
              static_cast<std::uint64_t>(rows.integer(1)),
              {static_cast<std::uint64_t>(rows.integer(2))}};
  return at;
}

void conversation_rows_writer::add_message(std::int64_t conversation, const message_row& row) {
  insert_message_.run(conversation, row.position, row.id.value, static_cast<int>(row.from),
                      static_cast<int>(row.status), row.question ? 1 : 0, row.created_at.value,
                      row.tier, row.channel, row.images, row.content.view());
}

/// The rows of a turn's first append; none when the conversation cannot take it.
std::optional<conversation_rows_writer::turn_place>
conversation_rows_writer::begin(const journal_append& first) {
  const auto& turn = *first.turn;
  auto number = std::int64_t{0};
  {
    auto rows = find_conversation_.query(turn.conversation.value);
    if (!rows.next() || rows.integer(2) != 0)
      return std::nullopt;
    number = rows.integer(0);
    if (turn.added.empty()
        || turn.added.front().position != static_cast<std::uint64_t>(rows.integer(1)))
      return std::nullopt;
  }
  if (turn.replaced)
    replace_messages_.run(number, *turn.replaced, static_cast<int>(message_status::replaced));
  for (const auto& row : turn.added)
    add_message(number, row);
  const auto& said = turn.added.front();
  grow_conversation_.run(number, turn.added.size(), said.created_at.value,
                         preview_of(said.content.view()), static_cast<int>(said.from));
  return find_turn(first.run);
}

void conversation_rows_writer::finish(const turn_place& at, const turn_rows& rows) {
  const auto& end = *rows.ended;
  end_message_.run(at.message, static_cast<int>(end.status), end.question ? 1 : 0, end.tier,
                   end.content.view());
  touch_conversation_.run(at.conversation, end.at.value, preview_of(end.content.view()),
                          static_cast<int>(role::assistant));
  if (!rows.log.empty())
    insert_log_.run(at.message, at.conversation, rows.log_index, rows.log);
}

append_verdict conversation_rows_writer::write(const journal_append& append) {
  auto at = find_turn(append.run);
  const auto verdict = judge_append(at ? &at->end : nullptr, append);
  if (verdict != append_verdict::committed)
    return verdict;
  if (!at)
    at = begin(append);
  if (!at || !at->is_running)
    return append_verdict::out_of_order;
  insert_append_.run(keys_of(at->message).first + static_cast<std::int64_t>(append.pos),
                     append.life.value, append.pos, append.records, append.seq.value, append.events,
                     append.body.view());
  if (append.turn->ended)
    finish(*at, *append.turn);
  return append_verdict::committed;
}

std::int64_t conversation_rows_writer::insert_conversation(const conversation_row& row) {
  auto insert = statement{db_, "insert into conversation (id, owner, persona, origin, created_at,"
                               " updated_at, messages, folded, preview_role, preview, title,"
                               " summary) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
                               " ?12)"};
  const auto preview_role =
    row.preview_role ? std::optional{static_cast<std::int64_t>(*row.preview_role)} : std::nullopt;
  insert.run(row.id.value, row.owner.value, row.persona.value, static_cast<int>(row.origin),
             row.created_at.value, row.updated_at.value, row.messages, row.folded, preview_role,
             row.preview, row.title, row.summary);
  auto rows = find_conversation_.query(row.id.value);
  return rows.next() ? rows.integer(0) : 0;
}

result<void> conversation_rows_writer::create(const conversation_row& row) {
  if (find_conversation_.query(row.id.value).next())
    return failure{errc::validation_error, "the conversation id " + row.id.value + " is in use"};
  static_cast<void>(insert_conversation(row));
  return {};
}

result<void> conversation_rows_writer::fork(const conversation_fork& what) {
  auto queries = conversation_queries{db_};
  const auto from = queries.find_conversation(what.from);
  if (!from)
    return failure{errc::conversation_not_found, "there is no conversation " + what.from.value};
  if (find_conversation_.query(what.row.id.value).next())
    return failure{errc::validation_error,
                   "the conversation id " + what.row.id.value + " is in use"};
  const auto made = fork_off(what, *from, queries.all_messages(what.from));
  if (!made)
    return made.error();
  const auto number = insert_conversation(made->row);
  for (const auto& row : made->messages)
    add_message(number, row);
  return {};
}

result<void> conversation_rows_writer::change(const conversation_id& id,
                                              const conversation_change& change) {
  auto known = find_conversation_.query(id.value).next();
  if (known && change.title) {
    auto update = statement{db_, "update conversation set title = ?2 where id = ?1"};
    update.run(id.value, *change.title);
  }
  if (known && change.fold) {
    auto update = statement{db_, "update conversation set folded = ?2, summary = ?3 where id = ?1"};
    update.run(id.value, change.fold->first, change.fold->second);
  }
  if (!known)
    return failure{errc::conversation_not_found, "there is no conversation " + id.value};
  return {};
}

void conversation_rows_writer::remove_number(std::int64_t number) {
  auto answers = statement{db_, "select number from message where conversation = ?1 and role = 2"};
  auto records = statement{db_, "delete from turn_record where key >= ?1 and key < ?2"};
  {
    auto rows = answers.query(number);
    while (rows.next()) {
      const auto keys = keys_of(rows.integer(0));
      records.run(keys.first, keys.last);
    }
  }
  const auto which = std::to_string(number);
  db_.execute("delete from turn_log where conversation = " + which);
  db_.execute("delete from conversation_spent where conversation = " + which);
  db_.execute("delete from message where conversation = " + which);
  db_.execute("delete from conversation where number = " + which);
}

result<void> conversation_rows_writer::remove(const conversation_id& id) {
  auto number = std::int64_t{0};
  if (auto rows = find_conversation_.query(id.value); rows.next())
    number = rows.integer(0);
  if (number == 0)
    return failure{errc::conversation_not_found, "there is no conversation " + id.value};
  remove_number(number);
  return {};
}

bool conversation_rows_writer::remove_all_of(const persona_id& persona) {
  auto all = statement{db_, "select number, exists(select 1 from message m"
                            " where m.conversation = c.number and m.status = 0)"
                            " from conversation c where persona = ?1"};
  auto numbers = std::vector<std::int64_t>{};
  {
    auto rows = all.query(persona.value);
    while (rows.next()) {
      if (rows.integer(1) != 0)
        return false;
      numbers.push_back(rows.integer(0));
    }
  }
  for (const auto number : numbers)
    remove_number(number);
  return true;
}

}  // namespace persona_runtime::sqlite
