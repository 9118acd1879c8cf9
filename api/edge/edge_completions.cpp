#include "api/edge/edge_completions.hpp"

#include "api/edge/edge_requests.hpp"
#include "api/edge/turn_listener.hpp"
#include "domain/conversation/completion_frame.hpp"

#include <utility>

namespace persona_runtime {
namespace {

/// Of a completion of which nothing is kept.
class giving_up final : public completion_handle {
public:
  giving_up(completions_actor completions, run_id id)
    : completions_{std::move(completions)}, id_{std::move(id)} {}
  ~giving_up() override {
    if (!has_ended_)
      caf::anon_send(completions_, cancel_completion{id_});
  }
  giving_up(const giving_up&) = delete;
  giving_up& operator=(const giving_up&) = delete;
  void has_ended() override { has_ended_ = true; }

private:
  completions_actor completions_;
  run_id id_;
  bool has_ended_ = false;
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

void watch(edge_life& edge, const run_id& turn, const std::shared_ptr<turn_listener>& viewer) {
  const auto watched = [viewer](result<std::unique_ptr<run_watch>> watch) {
    if (watch)
      viewer->hold(std::move(*watch));
    else
      viewer->refuse(watch.error());
  };
  begin_watch(edge, {turn, {}, true, false}, run_status::running, viewer, watched);
}

}  // namespace

edge_completions::edge_completions(edge_conversations::poster post, completions_actor completions,
                                   conversation_edge_services services)
  : post_{std::move(post)}, completions_{std::move(completions)}, services_{std::move(services)} {
}

begun_completion edge_completions::complete(const caller& who, completion_request what,
                                            std::shared_ptr<completion_listener> listener) {
  if (!what.conversation.value.empty())
    return say_there(who, std::move(what), std::move(listener));
  auto job = completion_job{};
  job.id = {"chatcmpl-" + services_.new_ulid()};
  job.who = asker_of(who);
  job.nonce = services_.new_nonce();
  job.limits = services_.turn_limits;
  job.what = std::move(what);
  job.listener = std::move(listener);
  const auto id = job.id;
  caf::anon_send(completions_,
                 begin_completion{std::make_shared<const completion_job>(std::move(job))});
  return {id.value, std::make_unique<giving_up>(completions_, id)};
}

begun_completion edge_completions::say_there(const caller& who, completion_request what,
                                             std::shared_ptr<completion_listener> listener) {
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
  const auto viewer = std::make_shared<turn_listener>(std::move(listener));
  const auto id = begin.answer.value;
  post_([who = asker_of(who), begin, persona = what.persona, viewer](edge_life& edge) {
    const auto refused = [viewer](const failure& f) { viewer->refuse(f); };
    ask<found_conversation>(
      edge, edge.peers.archive, find_conversation{begin.what.conversation, who},
      [&edge, begin, persona, viewer, refused](const found_conversation& found) {
        if (found.persona.id != persona)
          return refused({errc::validation_error,
                          "metadata.conversation: it is a conversation with another persona"});
        auto complete = begin;
        complete.persona = found.persona;
        ask<turn_begun>(
          edge, edge.peers.conversations, std::move(complete),
          [&edge, viewer](const turn_begun& begun) { watch(edge, begun.answer, viewer); }, refused);
      },
      refused);
  });
  return {id, std::make_unique<looking_away>(viewer)};
}

}  // namespace persona_runtime
