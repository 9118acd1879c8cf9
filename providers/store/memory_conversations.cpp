#include "providers/store/memory_conversations.hpp"

#include "domain/conversation/fork.hpp"
#include "domain/text/ascii_case.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace persona_runtime {
namespace {

bool holds(std::string_view text, std::string_view part) {
  return ascii_lower(text).find(ascii_lower(part)) != std::string::npos;
}

bool fits(const message_row& m, const message_filter& wanted) {
  return m.position >= wanted.from && (!wanted.before || m.position < *wanted.before)
         && (!wanted.questions_only || m.question) && holds(m.content.view(), wanted.contains);
}

failure unknown(const conversation_id& id) {
  return {errc::conversation_not_found, "there is no conversation " + id.value};
}

}  // namespace

std::optional<conversation_row> memory_conversations::find(const conversation_id& id) const {
  const auto i = talks_.find(id.value);
  return i == talks_.end() ? std::nullopt : std::optional{i->second.row};
}

std::vector<conversation_row> memory_conversations::list(const conversation_filter& filter) const {
  auto found = std::vector<const kept_conversation*>{};
  for (const auto& [id, talk] : talks_) {
    if (talk.row.origin == conversation_origin::chat
        && (!filter.owner || talk.row.owner == *filter.owner)
        && (!filter.persona || talk.row.persona == *filter.persona))
      found.push_back(&talk);
  }
  std::ranges::sort(found, std::greater{}, [](const kept_conversation* talk) {
    return std::pair{talk->row.updated_at, talk->touched};
  });
  auto rows = std::vector<conversation_row>{};
  const auto limit = std::clamp(filter.limit, 1U, 200U);
  for (auto i = filter.offset; i < found.size() && rows.size() < limit; ++i)
    rows.push_back(found[i]->row);
  return rows;
}

std::vector<message_row> memory_conversations::messages(const message_filter& filter) const {
  auto found = std::vector<message_row>{};
  const auto i = talks_.find(filter.conversation.value);
  if (i == talks_.end())
    return found;
  std::ranges::copy_if(i->second.messages, std::back_inserter(found),
                       [&](const message_row& m) { return fits(m, filter); });
  if (filter.newest_first)
    std::ranges::reverse(found);
  if (const auto limit = std::clamp(filter.limit, 1U, 1'000U); found.size() > limit)
    found.resize(limit);
  return found;
}

std::optional<message_row> memory_conversations::running(const conversation_id& id) const {
  const auto i = talks_.find(id.value);
  if (i == talks_.end() || !is_busy(i->second))
    return std::nullopt;
  return i->second.messages.back();
}

std::vector<unfinished_turn> memory_conversations::unfinished(std::uint64_t after,
                                                              std::uint32_t limit) const {
  auto found = std::vector<unfinished_turn>{};
  for (const auto& [id, turn] : turns_) {
    if (turn.is_running && turn.number > after)
      found.push_back({turn.number, {turn.conversation}, {id}});
  }
  std::ranges::sort(found, {}, &unfinished_turn::number);
  if (found.size() > limit)
    found.resize(limit);
  return found;
}

std::vector<turn_log_row> memory_conversations::logs(const turn_log_filter& filter) const {
  auto found = std::vector<turn_log_row>{};
  const auto i = talks_.find(filter.conversation.value);
  if (i == talks_.end())
    return found;
  const auto limit = std::clamp(filter.limit, 1U, 200U);
  for (auto log = i->second.logs.rbegin(); log != i->second.logs.rend(); ++log) {
    if (found.size() < limit && (!filter.before || log->index < *filter.before))
      found.push_back(*log);
  }
  return found;
}

std::vector<journal_append> memory_conversations::appends_of(const run_id& turn) const {
  const auto i = turns_.find(turn.value);
  return i == turns_.end() ? std::vector<journal_append>{} : i->second.appends;
}

bool memory_conversations::is_busy(const kept_conversation& talk) const {
  return !talk.messages.empty() && talk.messages.back().status == message_status::running;
}

memory_conversations::kept_turn* memory_conversations::begin(const journal_append& first) {
  const auto& turn = *first.turn;
  const auto i = talks_.find(turn.conversation.value);
  if (i == talks_.end() || is_busy(i->second)
      || turn.added.front().position != i->second.messages.size())
    return nullptr;
  auto& talk = i->second;
  for (auto& m : talk.messages) {
    if (turn.replaced && m.position >= *turn.replaced)
      m.status = message_status::replaced;
  }
  talk.messages.insert(talk.messages.end(), turn.added.begin(), turn.added.end());
  talk.row.messages = talk.messages.size();
  talk.row.updated_at = turn.added.front().created_at;
  talk.row.preview = preview_of(turn.added.front().content.view());
  talk.row.preview_role = turn.added.front().from;
  talk.touched = ++turns_begun_;
  auto& kept = turns_[first.run.value];
  kept.number = turns_begun_;
  kept.conversation = turn.conversation.value;
  return &kept;
}

void memory_conversations::finish(kept_turn& turn, const turn_rows& rows) {
  turn.is_running = false;
  auto& talk = talks_.at(turn.conversation);
  const auto& end = *rows.ended;
  auto& m = talk.messages.back();
  m.status = end.status;
  m.content = end.content;
  m.tier = end.tier;
  m.question = end.question;
  talk.row.updated_at = end.at;
  talk.row.preview = preview_of(end.content.view());
  talk.row.preview_role = role::assistant;
  if (!rows.log.empty())
    talk.logs.push_back({rows.log_index, m.id, rows.log});
}

append_verdict memory_conversations::append(const journal_append& append) {
  const auto i = turns_.find(append.run.value);
  auto* turn = i == turns_.end() ? nullptr : &i->second;
  const auto verdict = judge_append(turn == nullptr ? nullptr : &turn->end, append);
  if (verdict != append_verdict::committed)
    return verdict;
  if (turn == nullptr)
    turn = begin(append);
  if (turn == nullptr || !turn->is_running)
    return append_verdict::out_of_order;
  turn->end = end_after(append);
  turn->appends.push_back(append);
  turn->appends.back().turn.reset();
  turn->appends.back().memory.clear();
  if (append.turn->ended)
    finish(*turn, *append.turn);
  return append_verdict::committed;
}

result<void> memory_conversations::create(const conversation_row& row) {
  auto talk = kept_conversation{row, ++turns_begun_, {}, {}};
  if (!talks_.emplace(row.id.value, std::move(talk)).second)
    return failure{errc::validation_error, "the conversation id " + row.id.value + " is in use"};
  return {};
}

result<void> memory_conversations::fork(const conversation_fork& what) {
  const auto from = talks_.find(what.from.value);
  if (from == talks_.end())
    return unknown(what.from);
  auto made = fork_off(what, from->second.row, from->second.messages);
  if (!made)
    return made.error();
  if (auto done = create(made->row); !done)
    return done;
  talks_.at(what.row.id.value).messages = std::move(made->messages);
  return {};
}

result<void> memory_conversations::change(const conversation_id& id,
                                          const conversation_change& change) {
  const auto i = talks_.find(id.value);
  if (i == talks_.end())
    return unknown(id);
  if (change.title)
    i->second.row.title = *change.title;
  if (change.fold) {
    i->second.row.folded = change.fold->first;
    i->second.row.summary = change.fold->second;
  }
  return {};
}

result<void> memory_conversations::remove(const conversation_id& id) {
  if (talks_.erase(id.value) == 0)
    return unknown(id);
  std::erase_if(turns_, [&](const auto& each) { return each.second.conversation == id.value; });
  return {};
}

bool memory_conversations::remove_all_of(const persona_id& persona) {
  auto ids = std::vector<conversation_id>{};
  for (const auto& [id, talk] : talks_) {
    if (talk.row.persona != persona)
      continue;
    if (is_busy(talk))
      return false;
    ids.push_back({id});
  }
  for (const auto& id : ids)
    (void)remove(id);
  return true;
}

}  // namespace persona_runtime
