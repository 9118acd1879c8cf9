#include "providers/store/sqlite/conversation_queries.hpp"

#include "providers/store/sqlite/queries.hpp"
#include "providers/store/sqlite/values.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <string>

namespace persona_runtime::sqlite {
namespace {

// Column orders of conversation_of() and message_of_row().
constexpr auto select_conversation = std::string_view{
  "select id, owner, persona, origin, created_at, updated_at, messages, folded, preview_role,"
  " preview, title, summary from conversation "};
constexpr auto select_message = std::string_view{
  "select id, position, role, status, question, created_at, tier, channel, images, content"
  " from message "};

constexpr auto key_bits = 20;
constexpr auto messages_max = 1'000U;

template <class Enum>
Enum enum_in(std::int64_t number, Enum last, const char* what) {
  if (number < 0 || number > static_cast<std::int64_t>(last))
    throw sqlite_error{SQLITE_CORRUPT,
                       std::string{"unknown "} + what + ' ' + std::to_string(number)};
  return static_cast<Enum>(number);
}

conversation_row conversation_of(const cursor& row) {
  auto found = conversation_row{};
  found.id = {std::string{row.text(0)}};
  found.owner = {std::string{row.text(1)}};
  found.persona = {std::string{row.text(2)}};
  found.origin = enum_in(row.integer(3), conversation_origin::call, "origin");
  found.created_at = {row.integer(4)};
  found.updated_at = {row.integer(5)};
  found.messages = static_cast<std::uint64_t>(row.integer(6));
  found.folded = static_cast<std::uint64_t>(row.integer(7));
  if (const auto from = row.integer_or_none(8))
    found.preview_role = enum_in(*from, role::tool, "role");
  found.preview = std::string{row.text(9)};
  found.title = std::string{row.text(10)};
  found.summary = std::string{row.text(11)};
  return found;
}

message_row message_of_row(const cursor& row) {
  auto found = message_row{};
  found.id = {std::string{row.text(0)}};
  found.position = static_cast<std::uint64_t>(row.integer(1));
  found.from = enum_in(row.integer(2), role::tool, "role");
  found.status = enum_in(row.integer(3), message_status::replaced, "message status");
  found.question = row.integer(4) != 0;
  found.created_at = {row.integer(5)};
  found.tier = std::string{row.text(6)};
  found.channel = std::string{row.text(7)};
  found.images = std::string{row.text(8)};
  found.content = shared_text{std::string{row.text(9)}};
  return found;
}

/// A pattern for LIKE that finds `text` anywhere; "\" takes away the meaning of "%" and "_".
std::string like_pattern(std::string_view text) {
  auto pattern = std::string{"%"};
  for (const auto c : text) {
    if (c == '%' || c == '_' || c == '\\')
      pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

}  // namespace

turn_keys keys_of(std::int64_t message) {
  return {message << key_bits, (message + 1) << key_bits};
}

conversation_queries::conversation_queries(connection& db)
  : db_{db}, conversation_{db, sql_of(select_conversation, "where id = ?1")},
    conversation_number_{db, "select number from conversation where id = ?1"},
    message_number_{db, "select number from message where id = ?1 and role = 2"},
    running_{db, sql_of(select_message, "where conversation = ?1 and status = 0")},
    appends_{db, "select life, pos, records, seq, events, body from turn_record"
                 " where key >= ?1 and key < ?2 order by key"} {
}

std::optional<std::int64_t> conversation_queries::number_of(const conversation_id& id) {
  auto rows = conversation_number_.query(id.value);
  return rows.next() ? std::optional{rows.integer(0)} : std::nullopt;
}

std::optional<conversation_row> conversation_queries::find_conversation(const conversation_id& id) {
  auto rows = conversation_.query(id.value);
  return rows.next() ? std::optional{conversation_of(rows)} : std::nullopt;
}

std::vector<conversation_row>
conversation_queries::list_conversations(const conversation_filter& filter) {
  // A persona has one owner, so its index is the narrower one when both are asked for.
  const auto* which = filter.persona ? "where persona = ?4 and (?3 is null or owner = ?3)"
                      : filter.owner ? "where owner = ?3 and ?4 is null"
                                     : "where ?3 is null and ?4 is null";
  auto list =
    statement{db_, sql_of(select_conversation, which)
                     + " and origin = 0 order by updated_at desc, number desc limit ?1 offset ?2"};
  const auto owner =
    filter.owner ? std::optional<std::string_view>{filter.owner->value} : std::nullopt;
  const auto persona =
    filter.persona ? std::optional<std::string_view>{filter.persona->value} : std::nullopt;
  auto rows =
    list.query(std::clamp(filter.limit, 1U, listed_max), capped(filter.offset), owner, persona);
  auto found = std::vector<conversation_row>{};
  while (rows.next())
    found.push_back(conversation_of(rows));
  return found;
}

std::vector<message_row> conversation_queries::list_messages(const message_filter& filter) {
  auto snapshot = transaction{db_, transaction::kind::read};
  auto found = std::vector<message_row>{};
  const auto number = number_of(filter.conversation);
  if (!number)
    return found;
  auto sql = sql_of(select_message, "where conversation = ?1 and position >= ?2 and position < ?3");
  if (filter.questions_only)
    sql += " and question = 1";
  sql += filter.contains.empty() ? " and ?5 is null" : " and content like ?5 escape '\\'";
  sql += filter.newest_first ? " order by position desc limit ?4" : " order by position limit ?4";
  auto list = statement{db_, sql};
  const auto before = filter.before.value_or(std::numeric_limits<std::uint64_t>::max());
  const auto pattern = like_pattern(filter.contains);
  const auto wanted =
    filter.contains.empty() ? std::nullopt : std::optional<std::string_view>{pattern};
  auto rows = list.query(*number, capped(filter.from), capped(before),
                         std::clamp(filter.limit, 1U, messages_max), wanted);
  while (rows.next())
    found.push_back(message_of_row(rows));
  return found;
}

std::vector<message_row> conversation_queries::all_messages(const conversation_id& conversation) {
  auto list = statement{db_, sql_of(select_message, "where conversation = ?1 order by position")};
  auto found = std::vector<message_row>{};
  auto rows = list.query(number_of(conversation));
  while (rows.next())
    found.push_back(message_of_row(rows));
  return found;
}

std::optional<message_row>
conversation_queries::running_message(const conversation_id& conversation) {
  auto snapshot = transaction{db_, transaction::kind::read};
  const auto number = number_of(conversation);
  if (!number)
    return std::nullopt;
  auto rows = running_.query(*number);
  return rows.next() ? std::optional{message_of_row(rows)} : std::nullopt;
}

std::vector<unfinished_turn> conversation_queries::unfinished_turns(std::uint64_t after,
                                                                    std::uint32_t limit) {
  auto list = statement{db_, "select m.number, c.id, m.id from message m"
                             " join conversation c on c.number = m.conversation"
                             " where m.status = 0 and m.number > ?1 order by m.number limit ?2"};
  auto rows = list.query(capped(after), limit);
  auto found = std::vector<unfinished_turn>{};
  while (rows.next())
    found.push_back({static_cast<std::uint64_t>(rows.integer(0)),
                     {std::string{rows.text(1)}},
                     {std::string{rows.text(2)}}});
  return found;
}

std::vector<turn_log_row> conversation_queries::list_turn_logs(const turn_log_filter& filter) {
  auto list = statement{db_, "select l.turn, m.id, l.log from turn_log l"
                             " join message m on m.number = l.message"
                             " join conversation c on c.number = l.conversation"
                             " where c.id = ?1 and l.turn < ?2 order by l.turn desc limit ?3"};
  const auto before = filter.before.value_or(std::numeric_limits<std::uint64_t>::max());
  auto rows =
    list.query(filter.conversation.value, capped(before), std::clamp(filter.limit, 1U, listed_max));
  auto found = std::vector<turn_log_row>{};
  while (rows.next())
    found.push_back({static_cast<std::uint64_t>(rows.integer(0)),
                     {std::string{rows.text(1)}},
                     std::string{rows.text(2)}});
  return found;
}

std::vector<journal_append> conversation_queries::read_turn(const run_id& turn) {
  return read_turn_events(turn, {}, 0);
}

std::vector<journal_append> conversation_queries::read_turn_events(const run_id& turn,
                                                                   event_seq from,
                                                                   std::uint32_t events_max) {
  auto found = std::vector<journal_append>{};
  auto number = std::optional<std::int64_t>{};
  if (auto rows = message_number_.query(turn.value); rows.next())
    number = rows.integer(0);
  if (!number)
    return found;
  const auto keys = keys_of(*number);
  auto rows = appends_.query(keys.first, keys.last);
  auto taken = std::uint64_t{0};
  while ((events_max == 0 || taken < events_max) && rows.next()) {
    auto append = append_of(turn, rows, 0);
    const auto end = append.seq.value + append.events;
    if (events_max != 0 && (append.events == 0 || end <= from.value))
      continue;
    taken += end - std::max(append.seq.value, from.value);
    found.push_back(std::move(append));
  }
  return found;
}

}  // namespace persona_runtime::sqlite
