#include "api/routes/completion_routes.hpp"

#include "api/completion_backend.hpp"
#include "api/routes/completion_reply.hpp"
#include "api/routes/error_answer.hpp"
#include "api/routes/json_member.hpp"
#include "api/routes/openai_error.hpp"
#include "api/routes/read_completion.hpp"
#include "api/routes/read_request.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

#include <boost/json.hpp>

#include <utility>

namespace persona_runtime::api {
namespace {

namespace json = boost::json;

constexpr auto models_max = std::uint32_t{1'000};

void refuse(reply_port& port, const failure& why) {
  port.answer(in_openai_form(error_answer(why)));
}

}  // namespace

bool speaks_openai(route_id id) {
  return id == route_id::create_completion || id == route_id::list_models;
}

void serve_completion(const json::value& body, const caller& who, instant now, backend& engine,
                      const event_stream_settings& settings, reply_port& port,
                      const std::shared_ptr<exchange>& back) {
  auto* completions = engine.completions();
  if (completions == nullptr)
    return refuse(port, {errc::model_unavailable, "this server has no completions"});
  auto read = read_completion(body);
  if (const auto* problem = std::get_if<openai_problem>(&read))
    return port.answer(openai_answer(*problem));
  auto& ask = std::get<completion_ask>(read);
  if (!is_plausible_id(ask.model))
    return refuse(port, {errc::persona_not_found, "there is no persona of this id"});
  if (const auto& talk = ask.what.conversation.value; !talk.empty() && !is_plausible_id(talk))
    return refuse(port, {errc::conversation_not_found, "there is no such conversation"});
  auto shape = completion_shape{std::move(ask.model), ask.stream, ask.include_usage,
                                ask.what.wishes.stop, now.value / 1000};
  std::make_shared<completion_reply>(back, std::move(shape), settings)
    ->start(port, who, std::move(ask.what), *completions);
}

void serve_models(const caller& who, backend& engine, const std::shared_ptr<exchange>& back) {
  engine.list_personas(who, models_max, 0, [back, owner = who.owner](result<std::string> found) {
    back->post([owner, found = std::move(found)](reply_port& port) {
      if (!found)
        return refuse(port, found.error());
      port.answer({.body = models_json(*found, owner)});
    });
  });
}

std::string models_json(std::string_view personas, const owner_id& owner) {
  auto out = std::string{};
  auto o = json_writer{out};
  o.text("object", "list");
  auto& data = o.key("data");
  data += '[';
  auto ec = boost::system::error_code{};
  const auto parsed = json::parse({personas.data(), personas.size()}, ec);
  const auto list = !ec && parsed.is_array() ? parsed.get_array() : json::array{};
  auto separator = "";
  for (const auto& each : list) {
    const auto persona = each.is_object() ? each.get_object() : json::object{};
    const auto made = instant_of(text_at(persona, "created_at"));
    data += std::exchange(separator, ",");
    auto m = json_writer{data};
    m.text("id", text_at(persona, "id")).text("object", "model");
    m.number("created", made ? made->value / 1000 : 0).text("owned_by", owner.value).close();
  }
  data += ']';
  o.close();
  return out;
}

}  // namespace persona_runtime::api
