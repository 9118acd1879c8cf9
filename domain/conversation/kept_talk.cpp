#include "domain/conversation/kept_talk.hpp"

#include "domain/memory/chunk.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

conversation_message message_from(const message_row& row) {
  auto m = conversation_message{};
  m.from = row.from;
  m.content = row.content.str();
  m.created_at = {row.created_at, 0};
  if (row.question)
    m.metadata.emplace(metadata_key::proactive_question, "true");
  return m;
}

bool has_text(const message_row& row) {
  return !stripped(row.content.view()).empty();
}

void keep(kept_talk& talk, const message_row& row) {
  talk.tail.push_back({message_from(row), row.position, row.id});
}

}  // namespace

kept_talk talk_from(const conversation_row& row, const std::vector<message_row>& tail,
                    const std::vector<message_row>& questions) {
  auto talk =
    kept_talk{row.id, row.persona, row.owner, row.title, row.summary, row.folded, row.messages};
  for (const auto& question : questions)
    talk.questions.push_back(message_from(question));
  for (auto i = std::size_t{0}; i < tail.size(); ++i) {
    const auto answered =
      tail[i].from != role::user
      || (i + 1 < tail.size() && tail[i + 1].from == role::assistant && has_text(tail[i + 1]));
    const auto counts =
      tail[i].status != message_status::running && tail[i].status != message_status::replaced;
    if (answered && has_text(tail[i]) && counts)
      keep(talk, tail[i]);
  }
  return talk;
}

void keep_turn(kept_talk& talk, const message_row& question, const message_row& answer) {
  talk.messages = answer.position + 1;
  if (!has_text(answer))
    return;
  keep(talk, question);
  keep(talk, answer);
}

kept_talk without_last(kept_talk talk, std::uint64_t from) {
  std::erase_if(talk.tail, [&](const kept_message& m) { return m.position >= from; });
  return talk;
}

conversation for_turn(const kept_talk& talk) {
  auto c = conversation{talk.id, talk.persona};
  c.messages = talk.questions;
  c.compacted_up_to = static_cast<std::uint32_t>(talk.questions.size());
  c.compacted_summary = talk.summary;
  for (const auto& kept : talk.tail)
    c.messages.push_back(kept.what);
  return c;
}

std::vector<std::string> shown_episodes(const kept_talk& talk, std::uint64_t from) {
  auto ids = std::vector<std::string>{};
  for (const auto& kept : talk.tail) {
    if (kept.what.from == role::assistant && kept.position >= from)
      ids.push_back(
        memory_chunk_id(talk.persona, memory_store_kind::episodic, ulid_of(kept.id.value)));
  }
  constexpr auto ids_max = std::size_t{100};  // of one recall
  if (ids.size() > ids_max)
    ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(ids_max));
  return ids;
}

std::optional<due_folding> due_fold(const kept_talk& talk, const history_rules& rules) {
  auto c = conversation{talk.id, talk.persona};
  for (const auto& kept : talk.tail)
    c.messages.push_back(kept.what);
  const auto range = due_fold(c, rules);
  if (!range)
    return std::nullopt;
  return due_folding{*range, fold_text(c, *range)};
}

std::uint64_t folded_after(const kept_talk& talk, const message_range& range) {
  return talk.tail.at(range.last - 1).position + 1;
}

void fold(kept_talk& talk, const message_range& range, std::string summary) {
  talk.folded = folded_after(talk, range);
  const auto first = talk.tail.begin();
  const auto last = first + static_cast<std::ptrdiff_t>(range.last);
  for (auto i = first; i != last; ++i) {
    if (is_proactive_question(i->what))
      talk.questions.push_back(std::move(i->what));
  }
  talk.tail.erase(first, last);
  talk.summary = std::move(summary);
}

std::string ulid_of(const std::string& id) {
  return id.substr(id.find('_') + 1);
}

}  // namespace persona_runtime
