#include "bootstrap/engine/wiring.hpp"

#include "bootstrap/engine/actor_keeper.hpp"
#include "bootstrap/random_bytes.hpp"
#include "domain/text/shorten.hpp"
#include "messages/house_rules.hpp"
#include "providers/embed/hashed_embedder.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

tier_entry entry_of(const wiring_tier& tier) {
  auto entry = tier_entry{tier.name, {}, tier.metadata};
  for (const auto& member : tier.members)
    entry.members.push_back(member.model);
  return entry;
}

tier_snapshot table_of(const std::vector<wiring_tier>& tiers) {
  auto table = std::make_shared<tier_table>();
  for (const auto& tier : tiers)
    table->tiers.push_back(entry_of(tier));
  return table;
}

std::shared_ptr<const tier_models> models_of(const wiring_tier& tier, model_accounts& accounts) {
  return make_tier_models(entry_of(tier), tier.members, accounts, tier.hedges);
}

/// How the members of these tiers are doing.
std::shared_ptr<const health_board::shown> health_of(const std::vector<wiring_tier>& tiers,
                                                     model_accounts& accounts) {
  auto shown = std::make_shared<health_board::shown>();
  for (const auto& tier : tiers) {
    for (const auto& member : tier.members)
      (*shown)[tier.name].push_back(accounts.of(member)->signal(member.model.model));
  }
  return shown;
}

/// Those that there are, and behind them those that a reload may bring.
std::vector<wiring_tier> with_possible(std::vector<wiring_tier> tiers) {
  for (const auto* name : {"frontier", "mid", "small"}) {
    if (std::ranges::find(tiers, name, &wiring_tier::name) == tiers.end())
      tiers.push_back({name, {}});
  }
  return tiers;
}

/// Counts a result and shortens what the context gets of it. Runs on the tool's thread.
std::function<void(tool_replied&, std::uint64_t)> measuring(const tokenizer_ptr& counter) {
  return [counter](tool_replied& answer, std::uint64_t tokens_max) {
    answer.size = size_of(*counter, role::tool, answer.result.content);
    if (answer.size.alone <= tokens_max || tokens_max == 0)
      return;
    answer.shortened = shorten_middle(answer.result.content, tokens_max, *counter);
    answer.is_shortened = true;
    answer.size = size_of(*counter, role::tool, answer.shortened);
  };
}

template <class... Args>
auto spawn_own(caf::actor_system& sys, bool own_thread, Args&&... args) {
  return own_thread ? sys.spawn<caf::detached>(std::forward<Args>(args)...)
                    : sys.spawn(std::forward<Args>(args)...);
}

void spawn_streams(caf::actor_system& sys, wiring& w, const wiring_options& options) {
  for (auto i = std::size_t{0}; i < options.streams; ++i)
    w.streams.push_back(sys.spawn(
      stream_behavior, stream_deps{w.journal, w.archive, options.stream, w.live, w.counters}));
}

/// Live text of a run goes to its viewers; whoever answers a chat shows its text itself.
void route_growth(wiring& w) {
  w.live->set_on_growth([streams = w.streams](const run_id& id) {
    caf::anon_send(streams[shard_of_run(id, streams.size())], text_grew{id});
  });
}

void spawn_memories(caf::actor_system& sys, wiring& w, const wiring_parts& parts,
                    const wiring_options& options) {
  for (auto i = std::size_t{0}; i < options.memories; ++i) {
    auto deps = memory_deps{};
    deps.journal = w.journal;
    deps.store = parts.store;
    deps.counters = w.counters;
    deps.embeds = parts.embeds ? parts.embeds : make_hashed_embedder();
    deps.make_index = [] { return make_vector_index(); };
    deps.now = options.now;
    deps.drains_queue = i == 0;
    deps.index_bytes_max = options.memory_index_bytes_max / options.memories;
    w.memories.push_back(spawn_own(sys, options.own_threads, memory_behavior, std::move(deps)));
  }
}

/// `sys` outlives the result.
std::shared_ptr<model_accounts> make_accounts(caf::actor_system& sys, const wiring& w,
                                              const wiring_options& options) {
  auto deps = model_deps{{}, options.gate, options.now, w.counters, options.log};
  return std::make_shared<model_accounts>([&sys, deps](const std::string& provider) {
    auto own = deps;
    own.name = provider;
    return sys.spawn(model_behavior, std::move(own));
  });
}

void spawn_tiers(caf::actor_system& sys, wiring& w, const wiring_parts& parts,
                 const wiring_options& options) {
  for (const auto& tier : with_possible(parts.tiers)) {
    auto deps = tier_deps{models_of(tier, *w.accounts),
                          options.walk,
                          options.now,
                          options.chance,
                          w.live,
                          w.counters,
                          w.meter,
                          options.log};
    w.tiers.emplace(tier.name, sys.spawn(tier_behavior, std::move(deps)));
  }
  w.health->put(health_of(parts.tiers, *w.accounts));
}

member_health health_from(const wiring& w, const wiring_options& options) {
  return [health = w.health, now = options.now](std::string_view tier, std::uint32_t member) {
    return health->is_up(tier, member, now());
  };
}

void spawn_tools(caf::actor_system& sys, wiring& w, const wiring_parts& parts,
                 const wiring_options& options) {
  for (const auto& body : parts.tools) {
    w.tools.push_back(
      sys.spawn(tool_executor_behavior,
                tool_deps{body, options.running_tools_max, options.now, options.workspace_of,
                          measuring(parts.counter), w.counters}));
  }
}

/// Empty without memory actors.
memory_asker asks_memories(const std::vector<memory_actor>& memories,
                           const filled_scopes_ptr& filled) {
  if (memories.empty())
    return {};
  return [memories, filled](const recall_request& what, auto done) {
    if (!filled->may_answer(what))
      return false;
    auto told = [done = std::move(done)](memory_answer got) {
      done(std::move(got.what), std::move(got.learned));
    };
    caf::anon_send(memories[memory_shard(what.scope.persona, memories.size())],
                   recall_for{what, std::move(told)});
    return true;
  };
}

memory_asker recalls_for(const wiring& w, const wiring_parts& parts) {
  return parts.chat->recall ? parts.chat->recall : asks_memories(w.memories, w.filled);
}

/// The supervisor's services name the supervisor, so they are made when it exists.
std::function<run_services_ptr(const supervisor_actor&)>
services_maker(const wiring& w, const wiring_parts& parts, const wiring_options& options) {
  auto services = run_services{};
  services.journal = w.journal;
  services.tiers = w.tiers;
  services.board = w.board;
  for (auto i = std::size_t{0}; i < w.tools.size(); ++i)
    services.tools.emplace(parts.tools[i]->definition().name, w.tools[i]);
  services.rules = make_run_rules(parts.counter, w.board->now());
  services.rules.is_up = health_from(w, options);
  if (options.new_nonce)
    services.rules.nonce = options.new_nonce;
  services.rules.parallel_tools_max = options.parallel_tools_max;
  services.rules.floor = options.floor;
  if (parts.chat != nullptr) {
    services.recall = recalls_for(w, parts);
    services.rules.recalls = bool{services.recall};
    services.rules.sections = parts.chat->prompts.floor;
    services.rules.summary_instruction = parts.chat->prompts.summary_instruction;
  }
  services.late = w.late;
  services.now = options.now;
  services.forget_live = [streams = w.streams](const run_id& run) {
    caf::anon_send(streams[shard_of_run(run, streams.size())], run_over{run});
  };
  return [services](const supervisor_actor& supervisor) {
    auto made = std::make_shared<run_services>(services);
    made->supervisor = supervisor;
    return run_services_ptr{std::move(made)};
  };
}

std::function<conversation_services_ptr(const conversations_actor&)>
chat_services_maker(const wiring& w, const wiring_parts& parts, const wiring_options& options) {
  auto services = conversation_services{};
  services.journal = w.journal;
  services.archive = w.archive;
  services.tiers = w.tiers;
  services.board = w.board;
  services.caps = w.caps;
  services.usage = w.usage;
  for (auto i = std::size_t{0}; i < w.tools.size(); ++i)
    services.tools.emplace(parts.tools[i]->definition().name, w.tools[i]);
  if (parts.chat == nullptr) {
    services.rules.tiers = std::make_shared<const tier_table>();  // every turn: no model
    services.board.reset();
  } else {
    services.rules = make_turn_rules(*parts.chat, w.board->now());
    services.rules.is_up = health_from(w, options);
    services.setup_of = make_turn_setups(parts.chat);
    services.recall = recalls_for(w, parts);
  }
  services.rules.parallel_tools_max = options.parallel_tools_max;
  services.history = options.history;
  services.late = w.late;
  services.turn_logs = parts.turn_logs;
  services.routing = w.routing;
  services.live = w.live;
  services.now = options.now;
  services.forget_live = [streams = w.streams](const run_id& turn) {
    caf::anon_send(streams[shard_of_run(turn, streams.size())], run_over{turn});
  };
  return [services](const conversations_actor& conversations) {
    auto made = std::make_shared<conversation_services>(services);
    made->conversations = conversations;
    return conversation_services_ptr{std::move(made)};
  };
}

/// What was spent on that day, by owner and persona. A store that cannot be read says so again with
/// the first append, and nothing is spent before that.
std::vector<usage_entry> spent_on(journal_store& store, usage_day day) {
  auto all = std::vector<usage_entry>{};
  auto filter = usage_filter{};
  filter.from = filter.to = day;
  filter.by_model = false;
  filter.limit = 1'000;
  for (;;) {
    const auto page = store.read_usage(filter);
    if (!page)
      return all;
    all.insert(all.end(), page->begin(), page->end());
    if (page->size() < filter.limit)
      return all;
    filter.offset += page->size();
  }
}

/// A store that cannot be read now is asked each time.
filled_scopes_ptr filled_in(journal_store& store) {
  auto out = std::make_shared<filled_scopes>();
  const auto scopes = store.open_chunk_reader()->list_filled_scopes();
  if (!scopes)
    out->add_all();
  else
    for (const auto& scope : *scopes)
      out->add(scope);
  return out;
}

persona_rules telling_caps(persona_rules rules, const spending_ptr& books) {
  if (rules.caps_of) {
    rules.on_use = [books, caps_of = rules.caps_of](const persona_row& row) {
      books->set_caps(row.id, caps_of(row));
    };
  }
  return rules;
}

void spawn_edges(caf::actor_system& sys, wiring& w, const wiring_options& options) {
  const auto shard_of = [count = w.streams.size()](const run_id& run) {
    return shard_of_run(run, count);
  };
  for (auto i = std::size_t{0}; i < options.edges; ++i)
    w.edges.push_back(sys.spawn(edge_behavior, edge_peers{w.supervisor, w.conversations, w.journal,
                                                          w.archive, w.streams, shard_of}));
}

std::vector<service> services_of(const wiring& w, const wiring_parts& parts) {
  auto all = std::vector<service>{};
  const auto add = [&all](std::string name, const auto& actor) {
    all.push_back({std::move(name), caf::actor_cast<caf::strong_actor_ptr>(actor)});
  };
  add("supervisor", w.supervisor);
  add("conversations", w.conversations);
  add("completions", w.completions);
  add("journal", w.journal);
  add("archive", w.archive);
  for (const auto& stream : w.streams)
    add("stream", stream);
  for (const auto& memory : w.memories)
    add("memory", memory);
  add("late recalls", w.late);
  for (const auto& [name, tier] : w.tiers)
    add("tier " + name, tier);
  for (auto i = std::size_t{0}; i < w.tools.size(); ++i)
    add("tool " + parts.tools[i]->definition().name, w.tools[i]);
  for (const auto& edge : w.edges)
    add("edge", edge);
  return all;
}

}  // namespace

run_rules make_run_rules(const tokenizer_ptr& counter, tier_snapshot tiers) {
  auto rules = run_rules{};
  rules.tiers = std::move(tiers);
  rules.size_of = [counter](role from, std::string_view text) {
    return size_of(*counter, from, text);
  };
  rules.shorten = [counter](std::string_view text, std::uint64_t tokens_max) {
    return shorten_middle(text, tokens_max, *counter);
  };
  rules.nonce = fresh_nonce;
  return rules;
}

run_spawner spawn_runs_in(caf::actor_system& sys) {
  return [&sys](run_services_ptr services, begin how, loaded_run past) {
    return sys.spawn(run_behavior, std::move(services), how, std::move(past));
  };
}

wiring wire(caf::actor_system& sys, const wiring_parts& parts, const wiring_options& options) {
  auto w = wiring{};
  w.counters = std::make_shared<engine_counters>();
  w.live = std::make_shared<live_registry>();
  w.routing = std::make_shared<routing_log>(options.log, options.now);
  w.meter = std::make_shared<model_meter>();
  w.caps = std::make_shared<spending>(spent_on(*parts.store, day_of(options.now())));
  w.epoch = std::make_shared<persona_epoch>();
  w.board = std::make_shared<tier_board>(table_of(parts.tiers));
  w.health = std::make_shared<health_board>();
  w.accounts = make_accounts(sys, w, options);
  w.usage = std::make_shared<usage_inbox>(options.log, w.caps);
  w.filled = filled_in(*parts.store);
  w.journal = spawn_own(sys, options.own_threads, journal_behavior, parts.store, w.counters,
                        options.log, w.caps, w.epoch, w.usage, w.filled);
  w.usage->set_on_first([journal = w.journal] { caf::anon_send(journal, usage_waits{}); });
  w.archive = spawn_own(sys, options.own_threads, archive_behavior, parts.store,
                        telling_caps(parts.personas, w.caps));
  spawn_streams(sys, w, options);
  spawn_memories(sys, w, parts, options);
  w.late = sys.spawn(late_recalls_behavior, options.recall_timeout, options.now);
  if (parts.link != nullptr)
    parts.link->connect(make_actor_keeper(sys, w.journal, w.memories, options.recall_timeout));
  spawn_tiers(sys, w, parts, options);
  spawn_tools(sys, w, parts, options);
  w.supervisor = sys.spawn(
    supervisor_behavior, supervisor_deps{options.supervisor, options.now, w.journal, w.archive,
                                         services_maker(w, parts, options),
                                         options.spawn_run ? options.spawn_run : spawn_runs_in(sys),
                                         w.counters, options.log, w.caps});
  w.conversations = sys.spawn(conversations_behavior,
                              conversations_deps{options.conversations, options.now, w.journal,
                                                 w.archive, chat_services_maker(w, parts, options),
                                                 options.spawn_conversation});
  w.completions =
    sys.spawn(completions_behavior,
              completions_deps{options.completions, options.now,
                               chat_services_maker(w, parts, options)(w.conversations), w.epoch});
  route_growth(w);
  spawn_edges(sys, w, options);
  w.guard = sys.spawn(guard_behavior, services_of(w, parts), options.on_crash);
  return w;
}

void wiring::use_tiers(const std::vector<wiring_tier>& next) const {
  // Those that carry calls out come first: what is routed by the new table finds them ready. A
  // tier that is not there any more keeps its models for whoever is on the way to them.
  for (const auto& tier : next) {
    if (const auto i = tiers.find(tier.name); i != tiers.end())
      caf::anon_send<caf::message_priority::high>(i->second,
                                                  use_models{models_of(tier, *accounts)});
  }
  health->put(health_of(next, *accounts));
  board->put(table_of(next));
  for (const auto& each : accounts->all())
    caf::anon_send(each.account->actor(), reopen_models{});
}

void wiring::stop() const {
  const auto end = [](const auto& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  };
  for (const auto& edge : edges)
    end(edge);
  end(supervisor);
  end(conversations);
  end(completions);
  for (const auto& [name, tier] : tiers)
    end(tier);
  if (accounts != nullptr) {
    for (const auto& each : accounts->all())
      end(each.account->actor());
  }
  for (const auto& tool : tools)
    end(tool);
  for (const auto& stream : streams)
    end(stream);
  for (const auto& memory : memories)
    end(memory);
  end(late);
  end(archive);
  end(journal);
}

}  // namespace persona_runtime
