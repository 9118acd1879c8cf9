#include "actors/archive_actor.hpp"

#include "actors/archive_conversations.hpp"
#include "actors/archive_memory.hpp"
#include "domain/run/view.hpp"
#include "domain/text/json_text.hpp"
#include "messages/house_rules.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace persona_runtime {
namespace {

using archive_self = archive_actor::stateful_pointer<archive_life>;

constexpr auto setups_max = std::size_t{1'000};

template <class Map>
void make_room(Map& map) {
  if (map.size() >= setups_max)
    map.clear();  // rare; the next look-ups fill it again
}

result<setup_ptr> setup_by_hash(archive_self self, const std::string& hash) {
  auto& known = self->state.by_hash;
  if (const auto i = known.find(hash); i != known.end())
    return i->second;
  auto text = self->state.reader->read_content(hash);
  if (!text)
    return text.error();
  if (!*text)
    return failure{errc::internal_error, "the setup " + hash + " is not in the store"};
  auto setup = decode_setup((*text)->view());
  if (setup) {
    make_room(known);
    known.emplace(hash, *setup);
  }
  return setup;
}

/// A run that goes on uses its persona as it is now; one that was deleted has no caps.
void tell_use(archive_self self, const persona_id& id) {
  if (!self->state.rules.on_use)
    return;
  if (const auto row = self->state.reader->find_persona(id); row && *row)
    self->state.rules.on_use(**row);
}

/// The spec stands in the first record of a run.
result<spec_ptr> spec_of_journal(const journal_append& first) {
  auto records = decode_body(first.body.view());
  if (!records)
    return records.error();
  const auto* accepted = std::get_if<fact::accepted>(&records->front().body);
  if (accepted == nullptr)
    return failure{errc::internal_error, "a run does not begin with its acceptance"};
  return accepted->spec;
}

caf::result<loaded_run> on_load(archive_self self, const run_id& run) {
  auto journal = self->state.reader->read_run(run);
  if (!journal)
    return to_caf_error(journal.error());
  if (journal->empty())
    return loaded_run{};
  const auto spec = spec_of_journal(journal->front());
  if (!spec)
    return to_caf_error(spec.error());
  auto setup = setup_by_hash(self, (*spec)->setup_hash);
  if (!setup)
    return to_caf_error(setup.error());
  tell_use(self, (*spec)->persona);
  return loaded_run{std::move(*setup), std::move(*journal)};
}

caf::result<events_read> on_read_events(archive_self self, const read_events& msg) {
  auto appends = self->state.reader->read_events(msg.run, msg.from, msg.events_max);
  if (!appends)
    return to_caf_error(appends.error());
  auto page = events_read{};
  for (auto& a : *appends)
    page.bodies.push_back(std::move(a.body));
  return page;
}

result<run_row> row_for(archive_self self, const run_id& run, const asker& who) {
  auto row = self->state.reader->find_run(run);
  if (!row)
    return row.error();
  if (!*row || !may_see(who, (*row)->owner))
    return failure{errc::run_not_found, "there is no run " + run.value};
  return std::move(**row);
}

caf::result<run_rows> on_find_by_key(archive_self self, const find_run_by_key& msg) {
  auto row = self->state.reader->find_run_by_key(msg.owner, msg.key);
  if (!row)
    return to_caf_error(row.error());
  if (!*row)
    return to_caf_error({errc::run_not_found, "no run was started with this key"});
  return run_rows{{std::move(**row)}};
}

caf::result<json_text> on_show(archive_self self, const show_run& msg) {
  if (auto row = row_for(self, msg.run, msg.who); !row)
    return to_caf_error(row.error());
  auto journal = self->state.reader->read_run(msg.run);
  if (!journal)
    return to_caf_error(journal.error());
  auto view = run_view{};
  for (const auto& append : *journal) {
    const auto records = decode_body(append.body.view());
    if (!records)
      return to_caf_error(records.error());
    for (const auto& r : *records)
      view.apply(r.body, r.at);
  }
  return json_text{shared_text{to_json(view, true)}};
}

caf::result<json_text> on_list(archive_self self, const list_runs& msg) {
  auto rows = self->state.reader->list_runs(msg.filter);
  if (!rows)
    return to_caf_error(rows.error());
  auto out = std::string{};
  auto o = json_writer{out};
  append_json_list(o.key("items"), *rows,
                   [](std::string& to, const run_row& row) { to.append(row.summary.view()); });
  if (rows->size() < msg.filter.limit || rows->empty())
    o.raw("next_cursor", "null");
  else
    o.text("next_cursor", std::to_string(rows->back().accepted));
  o.close();
  return json_text{shared_text{std::move(out)}};
}

caf::result<run_rows> on_unfinished(archive_self self, const list_unfinished& msg) {
  auto rows = self->state.reader->unfinished_runs(msg.from, msg.limit);
  if (!rows)
    return to_caf_error(rows.error());
  return run_rows{std::move(*rows)};
}

result<persona_row> persona_for(archive_self self, const persona_id& id, const asker& who) {
  auto row = self->state.reader->find_persona(id);
  if (!row)
    return row.error();
  if (!*row || !may_see(who, (*row)->owner))
    return failure{errc::persona_not_found, "there is no persona " + id.value};
  return std::move(**row);
}

result<archive_life::known_setup> setup_of(archive_self self, const persona_row& row) {
  auto& known = self->state.by_persona;
  if (const auto i = known.find(row.id); i != known.end() && i->second.updated_at == row.updated_at)
    return i->second;
  auto made = self->state.rules.make_setup(row);
  if (!made)
    return made.error();
  if (self->state.rules.on_use)
    self->state.rules.on_use(row);
  auto hash = self->state.rules.hash_of(made->second.view());
  auto setup = archive_life::known_setup{row.updated_at, made->first, made->second, hash};
  make_room(known);
  known.insert_or_assign(row.id, setup);
  make_room(self->state.by_hash);
  self->state.by_hash.insert_or_assign(std::move(hash), made->first);
  return setup;
}

caf::result<prepared_run> on_prepare(archive_self self, const prepare_run& msg) {
  auto row = persona_for(self, msg.spec.persona, msg.who);
  if (!row)
    return to_caf_error(row.error());
  auto setup = setup_of(self, *row);
  if (!setup)
    return to_caf_error(setup.error());
  auto spec = msg.spec;
  spec.owner = msg.who.owner;
  spec.task_size = self->state.rules.size_of(role::user, spec.task);
  spec.setup_hash = setup->hash;
  if (self->state.rules.open_workspace)
    self->state.rules.open_workspace(spec.owner, spec.persona);
  if (spec.limits.deadline_s) {
    const auto ms = static_cast<std::int64_t>(*spec.limits.deadline_s * 1000.0);
    spec.limits.deadline = instant{self->state.rules.now().value + ms};
  }
  return prepared_run{std::make_shared<const run_spec>(std::move(spec)), setup->setup, setup->text};
}

memory_batch memory_of(archive_self self, const persona_row& row) {
  return self->state.rules.memory_of ? self->state.rules.memory_of(row) : memory_batch{};
}

caf::result<persona_checked> on_check_persona(archive_self self, const check_persona& msg) {
  auto row = self->state.rules.make_row(msg);
  if (!row)
    return to_caf_error(row.error());
  auto memory = memory_of(self, *row);
  return persona_checked{std::move(*row), std::move(memory)};
}

caf::result<persona_changed> changed(archive_self self, const persona_row& before,
                                     const persona_change& change, const asker& who) {
  auto row = self->state.rules.change_row(before, change, who);
  if (!row)
    return to_caf_error(row.error());
  const auto is_changed = *row != before;
  auto memory = row->yaml != before.yaml ? memory_of(self, *row) : memory_batch{};
  if (is_changed && self->state.rules.memory_of_change)
    std::ranges::move(self->state.rules.memory_of_change(*row, change), std::back_inserter(memory));
  return persona_changed{std::move(*row), before.updated_at, is_changed, std::move(memory)};
}

caf::result<persona_changed> on_change_persona(archive_self self, const change_persona& msg) {
  const auto before = persona_for(self, msg.id, msg.who);
  if (!before)
    return to_caf_error(before.error());
  return changed(self, *before, msg.change, msg.who);
}

caf::result<persona_changed> on_keep_persona(archive_self self, const keep_persona& msg) {
  const auto before = self->state.reader->find_persona(msg.id);
  if (!before)
    return to_caf_error(before.error());
  if (*before)
    return changed(self, **before, {msg.yaml, {}, {}, consent_change::none, {}, {}},
                   {msg.owner, false});
  auto row = self->state.rules.make_row({{msg.owner, false}, msg.yaml, {}, msg.id});
  if (!row)
    return to_caf_error(row.error());
  auto memory = memory_of(self, *row);
  return persona_changed{std::move(*row), {}, true, std::move(memory)};
}

caf::result<json_text> on_show_persona(archive_self self, const show_persona& msg) {
  auto row = persona_for(self, msg.id, msg.who);
  if (!row)
    return to_caf_error(row.error());
  return json_text{shared_text{self->state.rules.detail_of(*row)}};
}

caf::result<json_text> on_show_skills(archive_self self, const show_persona_skills& msg) {
  auto row = persona_for(self, msg.id, msg.who);
  if (!row)
    return to_caf_error(row.error());
  return json_text{shared_text{self->state.rules.skills_of(*row)}};
}

caf::result<json_text> on_list_personas(archive_self self, const list_personas& msg) {
  const auto owner = msg.who.admin ? std::nullopt : std::optional{msg.who.owner};
  auto rows = self->state.reader->list_personas(owner, msg.limit, msg.offset);
  if (!rows)
    return to_caf_error(rows.error());
  auto out = std::string{};
  append_json_list(out, *rows,
                   [](std::string& to, const persona_row& row) { to.append(row.summary.view()); });
  return json_text{shared_text{std::move(out)}};
}

void append_figures(json_writer& o, const usage_entry& e) {
  o.number("model_calls", e.calls).number("prompt_tokens", e.prompt_tokens);
  o.number("completion_tokens", e.completion_tokens);
  if (e.unpriced == 0)
    o.number("cost_cents", e.cents);
  else
    o.raw("cost_cents", "null");
  o.number("known_cost_cents", e.cents).number("unpriced_calls", e.unpriced);
  o.number("estimated_calls", e.estimated);
}

void append_entry(std::string& out, const usage_entry& e, const usage_filter& by) {
  auto o = json_writer{out};
  if (by.by_day)
    o.text("day", text_of(e.day));
  if (by.by_owner)
    o.text("owner", e.owner.value);
  if (by.by_persona)
    o.text("persona_id", e.persona.value);
  if (by.by_model)
    o.text("model", e.model);
  append_figures(o, e);
  o.close();
}

caf::result<json_text> on_show_usage(archive_self self, const show_usage& msg) {
  auto entries = self->state.reader->read_usage(msg.filter);
  if (!entries)
    return to_caf_error(entries.error());
  auto whole = msg.filter;
  whole.by_owner = whole.by_persona = whole.by_day = whole.by_model = false;
  whole.limit = 1;
  whole.offset = 0;
  auto total = self->state.reader->read_usage(whole);
  if (!total)
    return to_caf_error(total.error());
  auto out = std::string{};
  auto o = json_writer{out};
  append_json_list(o.key("items"), *entries, [&msg](std::string& to, const usage_entry& e) {
    append_entry(to, e, msg.filter);
  });
  auto sum = json_writer{o.key("total")};
  append_figures(sum, total->empty() ? usage_entry{} : total->front());
  sum.close();
  if (entries->size() < msg.filter.limit)
    o.raw("next_offset", "null");
  else
    o.number("next_offset", msg.filter.offset + entries->size());
  o.close();
  return json_text{shared_text{std::move(out)}};
}

caf::result<done> on_check(archive_self self) {
  if (auto any = self->state.reader->list_runs({{}, {}, {}, {}, 1}); !any)
    return to_caf_error(any.error());
  return done{};
}

}  // namespace

archive_actor::behavior_type
archive_behavior(archive_self self, std::shared_ptr<journal_store> store, persona_rules rules) {
  follow_house_rules(self);
  self->state.reader = store->open_reader();
  self->state.memory = store->open_chunk_reader();
  self->state.rules = std::move(rules);
  return {
    [self](const load_run& msg) { return on_load(self, msg.run); },
    [self](const read_events& msg) { return on_read_events(self, msg); },
    [self](const find_run& msg) -> caf::result<run_rows> {
      auto row = row_for(self, msg.run, msg.who);
      if (!row)
        return to_caf_error(row.error());
      return run_rows{{std::move(*row)}};
    },
    [self](const find_run_by_key& msg) { return on_find_by_key(self, msg); },
    [self](const show_run& msg) { return on_show(self, msg); },
    [self](const list_runs& msg) { return on_list(self, msg); },
    [self](const list_unfinished& msg) { return on_unfinished(self, msg); },
    [self](const prepare_run& msg) { return on_prepare(self, msg); },
    [self](const measure_text& msg) {
      return text_measured{self->state.rules.size_of(role::user, msg.text)};
    },
    [self](const check_persona& msg) { return on_check_persona(self, msg); },
    [self](const change_persona& msg) { return on_change_persona(self, msg); },
    [self](const keep_persona& msg) { return on_keep_persona(self, msg); },
    [self](const show_persona& msg) { return on_show_persona(self, msg); },
    [self](const show_persona_skills& msg) { return on_show_skills(self, msg); },
    [self](const find_persona& msg) -> caf::result<done> {
      if (auto row = persona_for(self, msg.id, msg.who); !row)
        return to_caf_error(row.error());
      return done{};
    },
    [self](const fetch_persona& msg) -> caf::result<fetched_persona> {
      auto row = persona_for(self, msg.id, msg.who);
      if (!row)
        return to_caf_error(row.error());
      return fetched_persona{std::move(*row)};
    },
    [self](const list_personas& msg) { return on_list_personas(self, msg); },
    [self](const find_conversation& msg) { return on_find_conversation(self->state, msg); },
    [self](const find_last_said& msg) { return on_find_last_said(self->state, msg); },
    [self](const load_conversation& msg) { return on_load_conversation(self->state, msg); },
    [self](const show_conversation& msg) { return on_show_conversation(self->state, msg); },
    [self](const summarise_conversation& msg) { return on_summarise(self->state, msg); },
    [self](const list_conversations& msg) { return on_list_conversations(self->state, msg); },
    [self](const list_messages& msg) { return on_list_messages(self->state, msg); },
    [self](const show_turn& msg) { return on_show_turn(self->state, msg); },
    [self](const find_turn& msg) { return on_find_turn(self->state, msg); },
    [self](const list_turns& msg) { return on_list_turns(self->state, msg); },
    [self](const list_unfinished_turns& msg) { return on_list_unfinished_turns(self->state, msg); },
    [self](const show_usage& msg) { return on_show_usage(self, msg); },
    [self](const list_memory& msg) { return on_list_memory(self->state, msg); },
    [self](const find_memory& msg) { return on_find_memory(self->state, msg); },
    [self](const list_audit& msg) { return on_list_audit(self->state, msg); },
    [self](const admit_memory& msg) { return on_admit_memory(self->state, msg); },
    [self](const check_store&) { return on_check(self); },
  };
}

}  // namespace persona_runtime
