#include "api/routes/memory_routes.hpp"

#include "api/routes/read_memory.hpp"

#include <utility>

namespace persona_runtime::api {
namespace {

backend::on_done<std::string> found_to(const memory_call& asked) {
  return [back = asked.back, about = asked.about](result<std::string> text) {
    back->post([about, text = std::move(text)](reply_port& port) {
      port.answer(text ? http_answer{.body = *text} : error_answer(text.error(), about));
    });
  };
}

http_answer answer_of(const result<std::optional<std::string>>& done, const error_context& about) {
  if (!done)
    return error_answer(done.error(), about);
  if (!*done)
    return error_answer(404, "not_found",
                        "nothing is remembered by this name; GET …/memory lists the names", about);
  return {.body = **done};
}

void roll_back(const memory_call& asked, reply_port& port, memory_backend& engine) {
  const auto what = read_rollback(asked.body, asked.persona, asked.who);
  if (!what)
    return port.answer(error_answer(what.error(), asked.about));
  auto about = asked.about;
  about.emplace_back("name", what->name);
  engine.roll_back_memory(asked.who, *what,
                          [back = asked.back, about](result<std::optional<std::string>> done) {
                            back->post([about, done = std::move(done)](reply_port& on) {
                              on.answer(answer_of(done, about));
                            });
                          });
}

}  // namespace

void serve_memory(const memory_call& asked, reply_port& port, memory_backend& engine) {
  const auto serve = [&](const auto& wanted, auto begin) {
    if (!wanted)
      return port.answer(error_answer(wanted.error(), asked.about));
    begin(*wanted);
  };
  switch (asked.route) {
  case route_id::list_memory:
    return serve(read_memory_query(asked.target, asked.persona, asked.who),
                 [&](const memory_query& q) { engine.list_memory(asked.who, q, found_to(asked)); });
  case route_id::list_audit:
    return serve(read_audit_query(asked.target, asked.persona),
                 [&](const audit_query& q) { engine.list_audit(asked.who, q, found_to(asked)); });
  case route_id::purge_memory:
    return serve(
      read_purge(asked.target, asked.persona, asked.who),
      [&](const memory_filter& what) { engine.purge_memory(asked.who, what, found_to(asked)); });
  default:
    return roll_back(asked, port, engine);
  }
}

}  // namespace persona_runtime::api
