#include "actors/archive_memory.hpp"

#include "domain/text/json_text.hpp"
#include "messages/errors.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

// What one answer looks at, about 10 ms, so that the archive's other work never waits long.
constexpr auto places_max = std::size_t{1'000};
constexpr auto events_max = std::uint64_t{2'000};
constexpr auto events_step = std::uint32_t{200};

bool may_see_scope(const asker& who, const memory_scope& scope) {
  return who.admin || is_shared(scope) || scope.owner == who.owner;
}

/// The scopes of a persona that he may look into. An admin finds what a deleted persona left.
result<std::vector<memory_scope>> scopes_for(archive_life& life, const asker& who,
                                             const persona_id& persona) {
  const auto row = life.reader->find_persona(persona);
  if (!row)
    return row.error();
  auto scopes = life.memory->list_scopes(persona);
  if (!scopes)
    return scopes.error();
  const auto is_his =
    *row ? who.admin || (*row)->owner == who.owner : who.admin && !scopes->empty();
  if (!is_his)
    return failure{errc::persona_not_found, "there is no persona " + persona.value};
  std::erase_if(*scopes, [&](const memory_scope& scope) { return !may_see_scope(who, scope); });
  return scopes;
}

/// Places from a position on.
result<std::vector<memory_place>> places_for(archive_life& life, const asker& who,
                                             const memory_filter& filter,
                                             const memory_position& from) {
  const auto scopes = scopes_for(life, who, filter.persona);
  if (!scopes)
    return scopes.error();
  auto places = places_of(*scopes, filter);
  std::erase_if(places, [&](const memory_place& place) { return place < from.place; });
  return places;
}

/// One page in the making.
struct page_maker {
  archive_life& life;
  const list_memory& asked;
  std::vector<placed_chunk> items{};
  std::optional<memory_position> next{};

  /// True: this page is complete. @errors journal_unavailable
  result<bool> take(const memory_place& place, std::uint64_t offset) {
    const auto room = asked.limit - static_cast<std::uint32_t>(items.size());
    auto chunks = asked.name.empty()
                    ? life.memory->list_chunks({place, asked.with_past, room, offset})
                    : life.memory->history(place, asked.name);
    if (!chunks)
      return chunks.error();
    const auto is_chain = !asked.name.empty() && !chunks->empty();
    if (is_chain)
      cut_out(*chunks, offset, room);
    const auto is_full = chunks->size() >= room;
    if (is_full)
      next = memory_position{place, offset + chunks->size()};
    for (auto& chunk : *chunks)
      items.push_back({place, std::move(chunk)});
    return is_full || is_chain;  // a name stands for one chain: the first that has it
  }

private:
  static void cut_out(std::vector<memory_chunk>& chain, std::uint64_t offset, std::uint32_t room) {
    const auto begin = std::min<std::uint64_t>(offset, chain.size());
    const auto end = std::min<std::uint64_t>(begin + room, chain.size());
    const auto at = [&](std::uint64_t i) { return chain.begin() + static_cast<std::ptrdiff_t>(i); };
    chain.erase(at(end), chain.end());
    chain.erase(chain.begin(), at(begin));
  }
};

std::string text_of_page(const page_maker& page) {
  auto out = std::string{};
  auto o = json_writer{out};
  append_json_list(o.key("items"), page.items,
                   [](std::string& to, const placed_chunk& one) { append_json(to, one); });
  o.text_or_null("next_cursor", page.next ? cursor_text(*page.next) : "", page.next.has_value());
  o.close();
  return out;
}

result<std::string> page_for(archive_life& life, const list_memory& msg) {
  const auto places = places_for(life, msg.who, msg.filter, msg.from);
  if (!places)
    return places.error();
  auto page = page_maker{life, msg};
  for (auto i = std::size_t{0}; i < places->size(); ++i) {
    const auto& place = (*places)[i];
    if (i == places_max) {
      page.next = memory_position{place, 0};
      break;
    }
    const auto is_done = page.take(place, place == msg.from.place ? msg.from.offset : 0);
    if (!is_done)
      return is_done.error();
    if (*is_done)
      break;
  }
  return text_of_page(page);
}

result<memory_found> found_for(archive_life& life, const find_memory& msg) {
  const auto places = places_for(life, msg.who, msg.filter, msg.from);
  if (!places)
    return places.error();
  for (auto i = std::size_t{0}; i < places->size(); ++i) {
    const auto& place = (*places)[i];
    if (i == places_max)
      return memory_found{{}, true, {place, 0}};
    const auto chain = life.memory->history(place, msg.name);
    if (!chain)
      return chain.error();
    if (!chain->empty())
      return memory_found{{place}, false, {}};
  }
  return memory_found{};
}

/// Events that he may see, from an offset on, which then stands behind the last one looked at.
struct event_reader {
  archive_life& life;
  const list_audit& asked;
  std::uint64_t offset = asked.offset;
  bool goes_on = true;
  std::vector<memory_audit> shown{};

  /// Looks at a few more. @errors journal_unavailable
  result<void> read_on() {
    auto events =
      life.memory->read_audit(asked.persona, std::nullopt, asked.filter, events_step, offset);
    if (!events)
      return events.error();
    goes_on = events->size() == events_step;
    for (auto& event : *events) {
      if (shown.size() == asked.limit) {
        goes_on = true;
        return {};
      }
      ++offset;
      if (may_see_scope(asked.who, event.scope))
        shown.push_back(std::move(event));
    }
    return {};
  }
};

result<std::string> audit_for(archive_life& life, const list_audit& msg) {
  if (const auto scopes = scopes_for(life, msg.who, msg.persona); !scopes)
    return scopes.error();
  auto events = event_reader{life, msg};
  while (events.goes_on && events.shown.size() < msg.limit
         && events.offset - msg.offset < events_max) {
    if (const auto done = events.read_on(); !done)
      return done.error();
  }
  auto out = std::string{};
  auto o = json_writer{out};
  append_json_list(o.key("items"), events.shown,
                   [](std::string& to, const memory_audit& event) { to += to_json(event); });
  if (events.goes_on)
    o.number("next_offset", events.offset);
  else
    o.raw("next_offset", "null");
  o.close();
  return out;
}

caf::result<json_text> answer(result<std::string> text) {
  if (!text)
    return to_caf_error(text.error());
  return json_text{shared_text{std::move(*text)}};
}

}  // namespace

caf::result<json_text> on_list_memory(archive_life& life, const list_memory& msg) {
  return answer(page_for(life, msg));
}

caf::result<memory_found> on_find_memory(archive_life& life, const find_memory& msg) {
  auto found = found_for(life, msg);
  if (!found)
    return to_caf_error(found.error());
  return std::move(*found);
}

caf::result<json_text> on_list_audit(archive_life& life, const list_audit& msg) {
  return answer(audit_for(life, msg));
}

caf::result<done> on_admit_memory(archive_life& life, const admit_memory& msg) {
  if (const auto scopes = scopes_for(life, msg.who, msg.persona); !scopes)
    return to_caf_error(scopes.error());
  return done{};
}

}  // namespace persona_runtime
