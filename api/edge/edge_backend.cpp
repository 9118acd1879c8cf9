#include "api/edge/edge_backend.hpp"

#include "api/edge/edge_requests.hpp"

#include <utility>

namespace persona_runtime {
namespace {

/// A run that is not live: is it his at all?
void explain_not_live(edge_life& edge, const run_id& run, const asker& who, errc when_ended,
                      const backend::on_done<void>& done) {
  ask_for<run_rows>(
    edge, edge.peers.archive, find_run{run, who}, done, [done, when_ended](const run_rows& found) {
      const auto status = found.rows.front().status;
      if (!is_terminal(status))  // of an earlier process, and not taken up yet
        return done(failure{errc::journal_unavailable, "the run is being resumed; try again",
                            std::chrono::milliseconds{1000}});
      done(failure{when_ended, "the run has ended: " + std::string{name_of(status)}});
    });
}

class watch_handle final : public run_watch {
public:
  watch_handle(edge_actor edge, std::uint64_t number) : edge_{std::move(edge)}, number_{number} {}
  ~watch_handle() override {
    caf::anon_send(edge_, edge_task{[number = number_](edge_life& edge) {
                     auto found = edge.viewers.extract(number);
                     if (!found.empty())
                       edge.self->send(found.mapped().stream, leave_run{number});
                   }});
  }
  watch_handle(const watch_handle&) = delete;
  watch_handle& operator=(const watch_handle&) = delete;

  void ack(event_seq next) override {
    caf::anon_send(edge_, edge_task{[number = number_, next](edge_life& edge) {
                     if (const auto i = edge.viewers.find(number); i != edge.viewers.end())
                       edge.self->send(i->second.stream, ack_events{number, next});
                   }});
  }

private:
  edge_actor edge_;
  std::uint64_t number_;
};

}  // namespace

void begin_watch(edge_life& edge, const watch_request& request, run_status status,
                 std::shared_ptr<run_viewer> viewer,
                 const backend::on_done<std::unique_ptr<run_watch>>& done) {
  const auto number = edge.next_viewer++;
  const auto ended = is_terminal(status);
  const auto& stream = edge.peers.streams.at(edge.peers.shard_of(request.run));
  edge.viewers.emplace(number, edge_life::watching{std::move(viewer), stream, ended});
  ask<persona_runtime::done>(
    edge, stream,
    watch_run{number, request.run, request.from, request.follow && !ended, request.live_text},
    [&edge, number, done](const persona_runtime::done&) {
      done(
        std::unique_ptr<run_watch>{std::make_unique<watch_handle>(edge_actor{edge.self}, number)});
    },
    [&edge, number, done](const failure& f) {
      edge.viewers.erase(number);
      done(f);
    });
}

namespace {

struct starting {
  asker who;
  run_spec spec;
  run_id run;
  std::string key;
  std::string hash;
  backend::on_done<run_started> done;
};
using starting_ptr = std::shared_ptr<const starting>;

void prepare(edge_life& edge, const starting_ptr& s);

/// The key was used before: the same body gives the same run.
void repeat(edge_life& edge, const starting_ptr& s, const run_row& row) {
  if (row.request_hash != s->hash)
    return s->done(
      failure{errc::idempotency_key_reused, "the idempotency key was used with another body"});
  ask_for<json_text>(edge, edge.peers.archive, show_run{row.run, {row.owner, true}}, s->done,
                     [s, run = row.run](const json_text& status) {
                       s->done(run_started{run, status.text.str()});
                     });
}

void look_key_up(edge_life& edge, const starting_ptr& s, bool again) {
  ask<run_rows>(
    edge, edge.peers.archive, find_run_by_key{s->who.owner, s->key},
    [&edge, s](const run_rows& found) { repeat(edge, s, found.rows.front()); },
    [&edge, s, again](const failure& f) {
      if (f.code == errc::run_not_found && !again)
        return prepare(edge, s);
      s->done(f);
    });
}

void submit(edge_life& edge, const starting_ptr& s, const prepared_run& prepared) {
  ask<run_accepted>(
    edge, edge.peers.supervisor,
    start_run{s->run, prepared.spec, prepared.setup, prepared.setup_text, s->key, s->hash},
    [s](const run_accepted& accepted) {
      s->done(run_started{accepted.run, accepted.status.str()});
    },
    [&edge, s](const failure& f) {
      if (f.code == errc::idempotency_key_reused)
        return look_key_up(edge, s, true);  // somebody was faster
      s->done(f);
    });
}

void prepare(edge_life& edge, const starting_ptr& s) {
  ask_for<prepared_run>(edge, edge.peers.archive, prepare_run{s->who, s->spec}, s->done,
                        [&edge, s](const prepared_run& p) { submit(edge, s, p); });
}

}  // namespace

edge_backend::edge_backend(std::vector<edge_actor> edges, edge_services services)
  : edges_{std::move(edges)}, services_{std::move(services)},
    talks_{[this](std::function<void(edge_life&)> task) { post(std::move(task)); },
           services_.conversations},
    completions_{[this](std::function<void(edge_life&)> task) { post(std::move(task)); },
                 services_.completions, services_.conversations},
    memories_{[this](std::function<void(edge_life&)> task) { post(std::move(task)); },
              services_.conversations.now} {
}

void edge_backend::post(std::function<void(edge_life&)> task) {
  caf::anon_send(edges_[turn_++ % edges_.size()], edge_task{std::move(task)});
}

result<run_spec> edge_backend::spec_for(const caller& who, const run_request& request) const {
  const auto table = services_.tiers();
  if (table->tiers.empty())
    return failure{errc::model_unavailable, "no model is configured", std::chrono::seconds{30}};
  auto spec = run_spec{};
  spec.owner = who.owner;
  spec.persona = request.persona;
  spec.task = request.task;
  const auto& d = services_.defaults;
  spec.limits.max_steps = request.max_steps.value_or(d.max_steps);
  spec.limits.max_tokens = request.max_tokens ? request.max_tokens : d.max_tokens;
  spec.limits.max_cost_cents = request.max_cost_cents ? request.max_cost_cents : d.max_cost_cents;
  spec.limits.deadline_s = request.deadline_s ? request.deadline_s : d.deadline_s;
  spec.ask_user = request.ask_user;
  spec.force_frontier = d.force_frontier;
  spec.metadata = request.metadata;
  if (!spec.limits.max_cost_cents)
    return spec;
  for (const auto& tier : table->tiers) {
    for (const auto& model : tier.members) {
      if (!model.price)
        return failure{errc::validation_error, "max_cost_cents: the price of " + model.label()
                                                 + " is not known, so its cost cannot be bounded"};
    }
  }
  return spec;
}

void edge_backend::start_run(const caller& who, run_request request, on_done<run_started> done) {
  auto spec = spec_for(who, request);
  if (!spec)
    return done(spec.error());
  auto s = std::make_shared<const starting>(
    starting{asker_of(who), std::move(*spec), services_.new_run_id(), request.idempotency_key,
             request.request_hash, std::move(done)});
  post([s](edge_life& edge) { s->key.empty() ? prepare(edge, s) : look_key_up(edge, s, false); });
}

void edge_backend::show_run(const caller& who, const run_id& run, on_done<std::string> done) {
  post([who = asker_of(who), run, done](edge_life& edge) {
    ask_for<json_text>(edge, edge.peers.archive, persona_runtime::show_run{run, who}, done,
                       [done](const json_text& found) { done(found.text.str()); });
  });
}

void edge_backend::list_runs(const caller& who, const run_query& query, on_done<std::string> done) {
  auto filter = run_filter{};
  if (!who.admin)
    filter.owner = who.owner;
  filter.persona = query.persona;
  filter.status = query.status;
  filter.before = query.before;
  filter.limit = query.limit;
  post([filter, done](edge_life& edge) {
    ask_for<json_text>(edge, edge.peers.archive, persona_runtime::list_runs{filter}, done,
                       [done](const json_text& found) { done(found.text.str()); });
  });
}

void edge_backend::cancel_run(const caller& who, const run_id& run, std::string reason,
                              on_done<void> done) {
  post([who = asker_of(who), run, reason = std::move(reason), done](edge_life& edge) {
    auto msg = persona_runtime::cancel_run{run, who, reason};
    request_urgent(edge.self, edge.peers.supervisor, cancel_timeout, std::move(msg))
      .then(
        [done](const run_ended& end) {
          if (end.status == run_status::cancelled)
            return done(result<void>{});
          done(failure{errc::run_not_active,
                       "the run has ended: " + std::string{name_of(end.status)}});
        },
        [&edge, run, who, done](const caf::error& e) {
          const auto f = to_failure(e);
          if (f.code != errc::run_not_found)
            return done(f);
          explain_not_live(edge, run, who, errc::run_not_active, done);
        });
  });
}

void edge_backend::answer_run(const caller& who, const run_id& run, std::string answer,
                              std::optional<std::string> question_id, on_done<void> done) {
  post([who = asker_of(who), run, answer = std::move(answer), question = question_id.value_or(""),
        done](edge_life& edge) {
    const auto on_measured = [&edge, who, run, answer, question, done](const text_measured& m) {
      ask<persona_runtime::done>(
        edge, edge.peers.supervisor,
        persona_runtime::answer_run{run, who, answer, m.size, question},
        [done](const persona_runtime::done&) { done(result<void>{}); },
        [&edge, run, who, done](const failure& f) {
          if (f.code != errc::run_not_found)
            return done(f);
          explain_not_live(edge, run, who, errc::not_awaiting_user, done);
        });
    };
    ask_for<text_measured>(edge, edge.peers.archive, measure_text{answer}, done, on_measured);
  });
}

void edge_backend::delete_run(const caller& who, const run_id& run, on_done<void> done) {
  post([who = asker_of(who), run, done](edge_life& edge) {
    ask_for<run_rows>(edge, edge.peers.archive, find_run{run, who}, done,
                      [&edge, run, done](const run_rows&) {
                        ask_for<persona_runtime::done>(
                          edge, edge.peers.journal, remove_run{run}, done,
                          [done](const persona_runtime::done&) { done(result<void>{}); });
                      });
  });
}

void edge_backend::watch_run(const caller& who, const watch_request& request,
                             std::shared_ptr<run_viewer> viewer,
                             on_done<std::unique_ptr<run_watch>> done) {
  // Shared, because a std::function must be copyable and the handle is not.
  auto shared = std::make_shared<on_done<std::unique_ptr<run_watch>>>(std::move(done));
  post([who = asker_of(who), request, viewer, shared](edge_life& edge) {
    ask<run_rows>(
      edge, edge.peers.archive, find_run{request.run, who},
      [&edge, request, viewer, shared](const run_rows& found) {
        begin_watch(edge, request, found.rows.front().status, viewer, *shared);
      },
      [shared](const failure& f) { (*shared)(f); });
  });
}

void edge_backend::show_usage(const usage_filter& filter, on_done<std::string> done) {
  // What is spent is committed a little later; whoever asks has it all. A journal that cannot be
  // written leaves what it has.
  post([filter, done](edge_life& edge) {
    const auto show = [&edge, filter, done] {
      ask_for<json_text>(edge, edge.peers.archive, persona_runtime::show_usage{filter}, done,
                         [done](const json_text& found) { done(found.text.str()); });
    };
    ask<persona_runtime::done>(
      edge, edge.peers.journal, settle_appends{}, [show](const persona_runtime::done&) { show(); },
      [show](const failure&) { show(); });
  });
}

void edge_backend::check_health(on_done<void> done) {
  post([done](edge_life& edge) {
    ask_for<persona_runtime::done>(edge, edge.peers.archive, check_store{}, done,
                                   [done](const persona_runtime::done&) { done(result<void>{}); });
  });
}

}  // namespace persona_runtime
