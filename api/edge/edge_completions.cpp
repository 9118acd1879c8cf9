#include "api/edge/edge_completions.hpp"

#include "api/edge/edge_requests.hpp"
#include "api/edge/turn_listener.hpp"
#include "domain/conversation/completion_frame.hpp"

#include <utility>

namespace persona_runtime {
namespace {

using begun_done = std::shared_ptr<completion_backend::on_done<begun_completion>>;

/// Of a completion of which nothing is kept.
class giving_up final : public completion_handle {
public:
  giving_up(completions_actor completions, run_id id)
    : completions_{std::move(completions)}, id_{std::move(id)} {}
  ~giving_up() override { caf::anon_send(completions_, cancel_completion{id_}); }
  giving_up(const giving_up&) = delete;
  giving_up& operator=(const giving_up&) = delete;

private:
  completions_actor completions_;
  run_id id_;
};

/// Of a turn, which goes on without anybody who listens.
class looking_away final : public completion_handle {
public:
  explicit looking_away(std::shared_ptr<turn_listener> viewer) : viewer_{std::move(viewer)} {}
  ~looking_away() override { viewer_->release(); }
  looking_away(const looking_away&) = delete;
  looking_away& operator=(const looking_away&) = delete;

private:
  std::shared_ptr<turn_listener> viewer_;
};

void begin_alone(edge_life& edge, completion_job job, const begun_done& done) {
  const auto id = job.id;
  ask<persona_runtime::done>(
    edge, edge.peers.completions,
    begin_completion{std::make_shared<const completion_job>(std::move(job))},
    [&edge, id, done](const persona_runtime::done&) {
      (*done)(begun_completion{id.value, std::make_unique<giving_up>(edge.peers.completions, id)});
    },
    [&edge, id, done](const failure& f) {
      edge.self->send(edge.peers.completions, cancel_completion{id});  // it may begin too late
      (*done)(f);
    });
}

/// The row is read only when it is not known.
template <class OnRow, class OnFailure>
void with_persona(edge_life& edge, const persona_id& id, const asker& who, OnRow on_row,
                  OnFailure on_failure) {
  if (auto known = edge.personas.find(id); known != nullptr && may_see(who, known->owner))
    return on_row(std::move(known));
  ask<fetched_persona>(
    edge, edge.peers.archive, fetch_persona{id, who},
    [&edge, on_row, read_at = edge.personas.epoch()](const fetched_persona& found) {
      auto row = std::make_shared<const persona_row>(found.row);
      edge.personas.keep(row, read_at);
      on_row(std::move(row));
    },
    std::move(on_failure));
}

void watch(edge_life& edge, const run_id& turn, const std::shared_ptr<completion_listener>& to,
           const begun_done& done) {
  const auto viewer = std::make_shared<turn_listener>(to);
  const auto watched = [viewer, turn, done](result<std::unique_ptr<run_watch>> watch) {
    if (!watch)
      return (*done)(watch.error());
    viewer->hold(std::move(*watch));
    (*done)(begun_completion{turn.value, std::make_unique<looking_away>(viewer)});
  };
  begin_watch(edge, {turn, {}, true, false}, run_status::running, viewer, watched);
}

}  // namespace

edge_completions::edge_completions(edge_conversations::poster post,
                                   conversation_edge_services services)
  : post_{std::move(post)}, services_{std::move(services)} {
}

void edge_completions::complete(const caller& who, completion_request what,
                                std::shared_ptr<completion_listener> listener,
                                on_done<begun_completion> done) {
  const auto shared = std::make_shared<on_done<begun_completion>>(std::move(done));
  if (!what.conversation.value.empty())
    return say_there(who, std::move(what), std::move(listener), shared);
  auto job = completion_job{};
  job.id = {"chatcmpl-" + services_.new_ulid()};
  job.owner = who.owner;
  job.nonce = services_.new_nonce();
  job.limits = services_.turn_limits;
  job.what = std::move(what);
  job.listener = std::move(listener);
  post_([who = asker_of(who), job = std::move(job), shared](edge_life& edge) {
    with_persona(
      edge, job.what.persona, who,
      [&edge, job, shared](persona_row_ptr row) {
        auto complete = job;
        complete.persona = std::move(row);
        begin_alone(edge, std::move(complete), shared);
      },
      [shared](const failure& f) { (*shared)(f); });
  });
}

void edge_completions::say_there(const caller& who, completion_request what,
                                 std::shared_ptr<completion_listener> listener, begun_done done) {
  auto begin = begin_turn{};
  begin.what.conversation = what.conversation;
  begin.what.text = last_user_text(what);
  begin.what.images = last_user_images(what);
  begin.what.user = what.user;
  begin.what.limits = services_.turn_limits;
  begin.what.wishes = std::make_shared<const reply_wishes>(std::move(what.wishes));
  begin.question = {"msg_" + services_.new_ulid()};
  begin.answer = {"msg_" + services_.new_ulid()};
  begin.nonce = services_.new_nonce();
  post_([who = asker_of(who), begin, persona = what.persona, listener, done](edge_life& edge) {
    const auto failed = [done](const failure& f) { (*done)(f); };
    ask<found_conversation>(
      edge, edge.peers.archive, find_conversation{begin.what.conversation, who},
      [&edge, begin, persona, listener, done, failed](const found_conversation& found) {
        if (found.persona.id != persona)
          return failed({errc::validation_error,
                         "metadata.conversation: it is a conversation with another persona"});
        auto complete = begin;
        complete.persona = found.persona;
        ask<turn_begun>(
          edge, edge.peers.conversations, std::move(complete),
          [&edge, listener, done](const turn_begun& begun) {
            watch(edge, begun.answer, listener, done);
          },
          failed);
      },
      failed);
  });
}

}  // namespace persona_runtime
