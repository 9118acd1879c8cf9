#include "bootstrap/cli/chat_persona.hpp"

#include "bootstrap/cli/json_fields.hpp"
#include "domain/persona/parse_persona.hpp"
#include "domain/persona/safety_constraint.hpp"
#include "domain/text/json_text.hpp"

namespace persona_runtime::cli {
namespace {

constexpr auto personas_page = std::size_t{200};
constexpr auto pages_max = std::size_t{50};

/// Not by its bytes: the server puts one sentence in.
bool says_the_same(const std::string& stored, const persona_ptr& wanted) {
  const auto parsed = parse_persona(stored);
  return parsed && *with_safety_constraint(parsed->value) == *wanted;
}

class search {
public:
  search(run_server& server, persona_ptr wanted)
    : server_{server}, wanted_{with_safety_constraint(wanted)} {}

  /// Empty: there is none. None: the server cannot say.
  std::optional<std::string> id(int& code) {
    for (auto i = std::size_t{0}; i < pages_max; ++i) {
      const auto body =
        server_.body_of(server_.request("GET", "/v1/personas?limit=" + std::to_string(personas_page)
                                                 + "&offset=" + std::to_string(i * personas_page)),
                        code);
      auto broken = boost::system::error_code{};
      const auto all = body ? json::parse(*body, broken) : json::value{};
      if (!body || broken || !all.is_array())
        return std::nullopt;
      for (const auto& summary : all.get_array()) {
        if (auto found = match(summary))
          return found;
      }
      if (all.get_array().size() < personas_page)
        break;
    }
    return std::string{};
  }

private:
  std::optional<std::string> match(const json::value& summary) {
    const auto* fields = summary.if_object();
    const auto id = std::string{fields == nullptr ? std::string_view{} : text_at(*fields, "id")};
    if (!is_run_id(id) || text_at(*fields, "name") != wanted_->identity.name
        || text_at(*fields, "role") != wanted_->identity.role)
      return std::nullopt;
    const auto reply = server_.call(server_.request("GET", "/v1/personas/" + id));
    const auto detail = reply.is_broken ? std::nullopt : object_of(reply.body);
    if (!detail || !says_the_same(std::string{text_at(*detail, "yaml")}, wanted_))
      return std::nullopt;
    return id;
  }

  run_server& server_;
  persona_ptr wanted_;
};

}  // namespace

std::optional<std::string> persona_at(run_server& server, const std::string& yaml,
                                      const persona_ptr& value, int& code) {
  auto found = search{server, value}.id(code);
  if (!found) {
    if (code == 0)
      code = server.complain("the answer is not what a persona server sends", exit_failed);
    return std::nullopt;
  }
  if (!found->empty())
    return found;
  auto body = std::string{};
  json_writer{body}.text("yaml", yaml).close();
  const auto made = server.body_of(server.request("POST", "/v1/personas", std::move(body)), code);
  if (!made)
    return std::nullopt;
  auto id = std::string{text_at(object_of(*made).value_or(json::object{}), "id")};
  if (is_run_id(id))
    return id;
  code = server.complain("the answer is not what a persona server sends", exit_failed);
  return std::nullopt;
}

}  // namespace persona_runtime::cli
