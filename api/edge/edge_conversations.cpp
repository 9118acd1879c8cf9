#include "api/edge/edge_conversations.hpp"

#include "api/edge/edge_requests.hpp"

#include <utility>

namespace persona_runtime {
namespace {

constexpr auto forked_messages_max = std::uint64_t{10'000};

using shared_watch_done = std::shared_ptr<backend::on_done<std::unique_ptr<run_watch>>>;

/// The answer of the archive is the answer.
template <class Message>
std::function<void(edge_life&)> reading(Message msg, backend::on_done<std::string> done) {
  return [msg = std::move(msg), done = std::move(done)](edge_life& edge) {
    ask_for<json_text>(edge, edge.peers.archive, msg, done,
                       [done](const json_text& found) { done(found.text.str()); });
  };
}

/// Turns have no live text of their own: it comes as events.
void watch(edge_life& edge, const run_id& turn, event_seq from, std::shared_ptr<run_viewer> viewer,
           const backend::on_done<std::unique_ptr<run_watch>>& done) {
  begin_watch(edge, {turn, from, true, false}, run_status::running, std::move(viewer), done);
}

conversation_row fresh_row(const new_conversation& what, const asker& who, std::string id,
                           instant now) {
  auto row = conversation_row{};
  row.id = {std::move(id)};
  row.owner = who.owner;
  row.persona = what.persona;
  row.title = what.title;
  row.origin = what.origin;
  row.created_at = now;
  row.updated_at = now;
  return row;
}

conversation_row row_of_fork(const conversation_row& from, const new_fork& what, instant now) {
  auto row = conversation_row{};
  row.owner = from.owner;
  row.persona = from.persona;
  row.title = what.title.value_or(from.title);
  row.origin = from.origin;
  row.created_at = now;
  row.updated_at = now;
  return row;
}

void begin_and_watch(edge_life& edge, begin_turn begin, std::shared_ptr<run_viewer> viewer,
                     const shared_watch_done& done) {
  ask<turn_begun>(
    edge, edge.peers.conversations, std::move(begin),
    [&edge, viewer = std::move(viewer), done](const turn_begun& begun) {
      watch(edge, begun.answer, {}, viewer, *done);
    },
    [done](const failure& f) { (*done)(f); });
}

void answer_with_summary(edge_life& edge, const conversation_id& id, const asker& who,
                         const backend::on_done<std::string>& done) {
  ask_for<json_text>(edge, edge.peers.archive, summarise_conversation{id, who}, done,
                     [done](const json_text& found) { done(found.text.str()); });
}

}  // namespace

edge_conversations::edge_conversations(poster post, conversation_edge_services services)
  : post_{std::move(post)}, services_{std::move(services)} {
}

void edge_conversations::create_conversation(const caller& who, new_conversation what,
                                             on_done<std::string> done) {
  auto row = fresh_row(what, asker_of(who), "conv_" + services_.new_ulid(), services_.now());
  post_([row, who = asker_of(who), done](edge_life& edge) {
    ask_for<persona_runtime::done>(edge, edge.peers.archive, find_persona{row.persona, who}, done,
                                   [&edge, row, who, done](const persona_runtime::done&) {
                                     ask_for<persona_runtime::done>(
                                       edge, edge.peers.journal, add_conversation{row}, done,
                                       [&edge, row, who, done](const persona_runtime::done&) {
                                         answer_with_summary(edge, row.id, who, done);
                                       });
                                   });
  });
}

void edge_conversations::list_conversations(const caller& who, const conversation_query& query,
                                            on_done<std::string> done) {
  post_(reading(
    persona_runtime::list_conversations{asker_of(who), query.persona, query.limit, query.offset},
    std::move(done)));
}

void edge_conversations::show_conversation(const caller& who, const conversation_id& id,
                                           on_done<std::string> done) {
  post_(reading(persona_runtime::show_conversation{id, asker_of(who)}, std::move(done)));
}

void edge_conversations::list_messages(const caller& who, const conversation_id& id,
                                       const message_query& query, on_done<std::string> done) {
  post_(reading(
    persona_runtime::list_messages{id, asker_of(who), query.before, query.limit, query.contains},
    std::move(done)));
}

void edge_conversations::delete_conversation(const caller& who, const conversation_id& id,
                                             on_done<void> done) {
  post_([who = asker_of(who), id, done](edge_life& edge) {
    ask_for<found_conversation>(edge, edge.peers.archive, find_conversation{id, who}, done,
                                [&edge, id, done](const found_conversation&) {
                                  ask_for<persona_runtime::done>(
                                    edge, edge.peers.conversations, remove_conversation{id}, done,
                                    [done](const persona_runtime::done&) { done(result<void>{}); });
                                });
  });
}

begin_turn edge_conversations::fresh_turn(turn_request what) const {
  return {std::move(what),
          {"msg_" + services_.new_ulid()},
          {"msg_" + services_.new_ulid()},
          services_.new_nonce(),
          {}};
}

void edge_conversations::say(const caller& who, const conversation_id& id, chat_message what,
                             std::shared_ptr<run_viewer> viewer,
                             on_done<std::unique_ptr<run_watch>> done) {
  auto begin = fresh_turn({id, std::move(what.content), std::move(what.user),
                           std::move(what.channel), std::move(what.images), services_.turn_limits});
  const auto shared = std::make_shared<on_done<std::unique_ptr<run_watch>>>(std::move(done));
  post_([who = asker_of(who), begin, viewer, shared](edge_life& edge) {
    ask<found_conversation>(
      edge, edge.peers.archive, find_conversation{begin.what.conversation, who},
      [&edge, begin, viewer, shared](const found_conversation& found) {
        auto complete = begin;
        complete.persona = found.persona;
        begin_and_watch(edge, std::move(complete), viewer, shared);
      },
      [shared](const failure& f) { (*shared)(f); });
  });
}

void edge_conversations::say_again(const caller& who, const conversation_id& id,
                                   std::shared_ptr<run_viewer> viewer,
                                   on_done<std::unique_ptr<run_watch>> done) {
  auto begin = fresh_turn({id, {}, {}, {}, {}, services_.turn_limits});
  const auto shared = std::make_shared<on_done<std::unique_ptr<run_watch>>>(std::move(done));
  post_([who = asker_of(who), begin, viewer, shared](edge_life& edge) {
    ask<last_said>(
      edge, edge.peers.archive, find_last_said{begin.what.conversation, who},
      [&edge, begin, viewer, shared](const last_said& said) {
        auto complete = begin;
        complete.persona = said.persona;
        complete.what.text = said.text;
        complete.what.user = said.user;
        complete.what.channel = said.channel;
        complete.what.replaces = said.position;
        begin_and_watch(edge, std::move(complete), viewer, shared);
      },
      [shared](const failure& f) { (*shared)(f); });
  });
}

void edge_conversations::fork_conversation(const caller& who, const conversation_id& id,
                                           new_fork what, on_done<std::string> done) {
  const auto fresh = "conv_" + services_.new_ulid();
  post_([who = asker_of(who), id, what = std::move(what), fresh, done, now = services_.now(),
         new_ulid = services_.new_ulid](edge_life& edge) {
    const auto copy = [&edge, what, fresh, who, done, now,
                       new_ulid](const found_conversation& found) {
      if (found.row.messages > forked_messages_max)
        return done(failure{errc::validation_error, "a conversation of over 10,000 messages cannot "
                                                    "be forked"});
      auto fork = conversation_fork{found.row.id, what.at, row_of_fork(found.row, what, now), {}};
      fork.row.id = {fresh};
      for (auto i = std::uint64_t{0}; i < found.row.messages; ++i)
        fork.ids.push_back({"msg_" + new_ulid()});
      ask_for<persona_runtime::done>(edge, edge.peers.journal,
                                     persona_runtime::fork_conversation{std::move(fork)}, done,
                                     [&edge, fresh, who, done](const persona_runtime::done&) {
                                       answer_with_summary(edge, {fresh}, who, done);
                                     });
    };
    ask_for<found_conversation>(edge, edge.peers.archive, find_conversation{id, who}, done, copy);
  });
}

void edge_conversations::watch_turn(const caller& who, const conversation_id& id, event_seq from,
                                    std::shared_ptr<run_viewer> viewer,
                                    on_done<std::unique_ptr<run_watch>> done) {
  const auto shared = std::make_shared<on_done<std::unique_ptr<run_watch>>>(std::move(done));
  post_([who = asker_of(who), id, from, viewer, shared](edge_life& edge) {
    ask<found_turn>(
      edge, edge.peers.archive, find_turn{id, who},
      [&edge, from, viewer, shared](const found_turn& found) {
        watch(edge, found.turn, from, viewer, *shared);
      },
      [shared](const failure& f) { (*shared)(f); });
  });
}

void edge_conversations::show_turn(const caller& who, const conversation_id& id,
                                   on_done<std::string> done) {
  post_(reading(persona_runtime::show_turn{id, asker_of(who)}, std::move(done)));
}

void edge_conversations::cancel_turn(const caller& who, const conversation_id& id,
                                     std::string reason, on_done<void> done) {
  post_([who = asker_of(who), id, reason = std::move(reason), done](edge_life& edge) {
    const auto cancel = [&edge, id, reason, done](const found_conversation&) {
      request_urgent(edge.self, edge.peers.conversations, cancel_timeout,
                     persona_runtime::cancel_turn{id, reason})
        .then(
          [done](const turn_ended& end) {
            if (end.status == message_status::cancelled)
              return done(result<void>{});
            done(failure{errc::turn_not_active,
                         "the turn had ended: " + std::string{name_of(end.status)}});
          },
          [done](const caf::error& e) { done(to_failure(e)); });
    };
    ask_for<found_conversation>(edge, edge.peers.archive, find_conversation{id, who}, done, cancel);
  });
}

void edge_conversations::list_turns(const caller& who, const conversation_id& id,
                                    const turn_query& query, on_done<std::string> done) {
  post_(reading(persona_runtime::list_turns{id, asker_of(who), query.before, query.limit},
                std::move(done)));
}

}  // namespace persona_runtime
