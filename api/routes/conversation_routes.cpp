#include "api/routes/conversation_routes.hpp"

#include "api/routes/read_conversation.hpp"
#include "api/routes/read_request.hpp"

#include <utility>

namespace persona_runtime::api {
namespace {

/// Answers with the text that the engine gives, or with its failure.
backend::on_done<std::string> text_to(const conversation_call& asked, unsigned status = 200) {
  return [back = asked.back, about = asked.about, status](result<std::string> text) {
    back->post([about, status, text = std::move(text)](reply_port& port) {
      port.answer(text ? http_answer{.status = status, .body = *text}
                       : error_answer(text.error(), about));
    });
  };
}

backend::on_done<void> done_to(const conversation_call& asked, http_answer good) {
  return [back = asked.back, about = asked.about, good = std::move(good)](result<void> done) {
    back->post([about, good, done](reply_port& port) {
      port.answer(done ? good : error_answer(done.error(), about));
    });
  };
}

struct server {
  const conversation_call& asked;
  reply_port& port;
  conversation_backend& engine;
  const event_stream_settings& settings;
  edge_metrics& metrics;

  void refuse(const failure& why) const { port.answer(error_answer(why, asked.about)); }

  void create() const {
    auto what = read_new_conversation(asked.body, {asked.id.value});
    if (!what)
      return refuse(what.error());
    engine.create_conversation(asked.who, std::move(*what), text_to(asked, 201));
  }
  void list() const {
    const auto query = read_conversation_query(asked.target);
    if (!query)
      return refuse(query.error());
    engine.list_conversations(asked.who, *query, text_to(asked));
  }
  void list_messages() const {
    const auto query = read_message_query(asked.target);
    if (!query)
      return refuse(query.error());
    engine.list_messages(asked.who, asked.id, *query, text_to(asked));
  }
  void list_turns() const {
    const auto query = read_turn_query(asked.target);
    if (!query)
      return refuse(query.error());
    engine.list_turns(asked.who, asked.id, *query, text_to(asked));
  }
  void say() const {
    auto what = read_chat_message(asked.body);
    if (!what)
      return refuse(what.error());
    stream({}, [this, &what](auto viewer, auto done) {
      engine.say(asked.who, asked.id, std::move(*what), std::move(viewer), std::move(done));
    });
  }
  void say_again() const {
    if (const auto fine = read_nothing(asked.body); !fine)
      return refuse(fine.error());
    stream({}, [this](auto viewer, auto done) {
      engine.say_again(asked.who, asked.id, std::move(viewer), std::move(done));
    });
  }
  void fork() const {
    auto what = read_fork(asked.body);
    if (!what)
      return refuse(what.error());
    engine.fork_conversation(asked.who, asked.id, std::move(*what), text_to(asked, 201));
  }
  void watch() const {
    const auto query = read_events_query(asked.target, asked.request);
    if (!query)
      return refuse(query.error());
    stream(query->from, [this, &query](auto viewer, auto done) {
      engine.watch_turn(asked.who, asked.id, query->from, std::move(viewer), std::move(done));
    });
  }
  void cancel() const {
    auto reason = read_cancel(asked.body);
    if (!reason)
      return refuse(reason.error());
    engine.cancel_turn(asked.who, asked.id, std::move(*reason),
                       done_to(asked, {.status = 202, .body = R"({"status":"cancelling"})"}));
  }
  void stream(event_seq from, const event_stream::beginning& begin) const {
    const auto made =
      std::make_shared<event_stream>(asked.back, watch_request{{asked.id.value}, from, true, false},
                                     stream_format::chat, settings, metrics);
    made->start(port, begin);
  }
};

}  // namespace

bool is_about_conversation(route_id id) {
  return id >= route_id::create_conversation && id <= route_id::list_turns;
}

void serve_conversation(const conversation_call& asked, reply_port& port,
                        conversation_backend& engine, const event_stream_settings& settings,
                        edge_metrics& metrics) {
  const auto to = server{asked, port, engine, settings, metrics};
  switch (asked.route) {
  case route_id::create_conversation:
    return to.create();
  case route_id::list_conversations:
    return to.list();
  case route_id::show_conversation:
    return engine.show_conversation(asked.who, asked.id, text_to(asked));
  case route_id::delete_conversation:
    return engine.delete_conversation(asked.who, asked.id, done_to(asked, {.status = 204}));
  case route_id::say:
    return to.say();
  case route_id::say_again:
    return to.say_again();
  case route_id::fork_conversation:
    return to.fork();
  case route_id::list_messages:
    return to.list_messages();
  case route_id::show_turn:
    return engine.show_turn(asked.who, asked.id, text_to(asked));
  case route_id::watch_turn:
    return to.watch();
  case route_id::cancel_turn:
    return to.cancel();
  case route_id::list_turns:
    return to.list_turns();
  default:
    return to.refuse({errc::internal_error, ""});
  }
}

}  // namespace persona_runtime::api
