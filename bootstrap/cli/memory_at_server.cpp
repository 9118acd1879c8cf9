#include "bootstrap/cli/json_fields.hpp"
#include "bootstrap/cli/memory_access.hpp"
#include "bootstrap/cli/run_server.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

#include <utility>

namespace persona_runtime::cli {
namespace {

constexpr auto page_size = "200";  // the most that a server gives at once

/// "?a=b&c=d"; what is empty is left out.
class query_text {
public:
  query_text& add(std::string_view name, std::string_view value) {
    if (value.empty())
      return *this;
    text_ += text_.empty() ? '?' : '&';
    text_.append(name).append("=").append(escaped(value));
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

private:
  std::string text_;
};

query_text owner_and_user(const memory_filter& filter) {
  auto out = query_text{};
  out.add("owner", filter.owner).add("user", filter.user);
  return out;
}

query_text conditions_of(const memory_filter& filter) {
  auto out = owner_and_user(filter);
  if (filter.store)
    out.add("store", name_of(*filter.store));
  return out;
}

failure strange_answer() {
  return {errc::internal_error,
          "the answer is not what a persona server sends; is --server the right address?"};
}

/// The field `name` of the answer, a count.
std::optional<std::uint64_t> whole_at(const json::object& answer, std::string_view name) {
  const auto number = number_at(answer, name);
  if (!number || *number < 0)
    return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

class server_memory final : public memory_access {
public:
  server_memory(run_server server, const std::atomic<bool>* stop)
    : server_{std::move(server)}, stop_{stop} {}

  result<void> list(const memory_filter& filter, bool with_past, const on_chunk& each) override {
    auto query = conditions_of(filter);
    if (with_past)
      query.add("all", "true");
    return for_each_item(filter.persona, query, [&](const placed_chunk& one) { each(one); });
  }

  result<std::vector<placed_chunk>> history(const memory_filter& filter,
                                            const std::string& name) override {
    const auto query = conditions_of(filter).add("name", name);
    auto out = std::vector<placed_chunk>{};
    const auto done =
      for_each_item(filter.persona, query, [&](const placed_chunk& one) { out.push_back(one); });
    if (!done)
      return done.error();
    return out;
  }

  /// The chain is looked up first: the server looks through so many places and no more.
  result<std::optional<std::string>> roll_back(const memory_filter& filter, const std::string& name,
                                               std::uint32_t to_version) override {
    const auto chain = history(filter, name);
    if (!chain)
      return chain.error();
    if (chain->empty())
      return std::optional<std::string>{};
    const auto& place = chain->front().place;
    auto body = std::string{};
    auto o = json_writer{body};
    o.text("name", name).number("to_version", to_version);
    o.text("owner", place.scope.owner.value).text("user", place.scope.user);
    o.text("store", name_of(place.kind)).close();
    const auto answer = server_.try_body(
      server_.request("POST", path_of(filter.persona, "/memory/rollback"), std::move(body)));
    if (!answer)
      return answer.error();
    const auto done = object_of(*answer);
    if (!done || text_at(*done, "id").empty())
      return strange_answer();
    return std::optional{std::string{text_at(*done, "id")}};
  }

  result<memory_purged> purge(const memory_filter& filter) override {
    const auto query = owner_and_user(filter).add("confirm", "yes");
    const auto answer = server_.try_body(
      server_.request("DELETE", path_of(filter.persona, "/memory") + query.text()));
    if (!answer)
      return answer.error();
    const auto done = object_of(*answer);
    const auto chunks = done ? whole_at(*done, "chunks") : std::nullopt;
    const auto scopes = done ? whole_at(*done, "scopes") : std::nullopt;
    if (!chunks || !scopes)
      return strange_answer();
    return memory_purged{*scopes, *chunks};
  }

  result<void> audit(const persona_id& persona, const audit_filter& filter,
                     const on_event& each) override {
    for (auto offset = std::optional{std::uint64_t{0}}; offset;) {
      const auto answer = page_at(path_of(persona, "/audit")
                                  + query_of(filter).add("offset", std::to_string(*offset)).text());
      if (!answer)
        return answer.error();
      const auto page = audit_page_from_json(*answer);
      if (!page || (page->next && *page->next <= *offset))
        return strange_answer();
      for (const auto& event : page->items)
        each(event);
      offset = page->next;
    }
    return {};
  }

private:
  /// A long list is more pages than a server may give in one minute.
  result<std::string> page_at(const std::string& path) {
    for (;;) {
      auto answer = server_.try_body(server_.request("GET", path));
      if (answer || !answer.error().retry_after
          || !wait_unless_stopped(*answer.error().retry_after, stop_))
        return answer;
    }
  }

  static std::string path_of(const persona_id& persona, std::string_view rest) {
    return "/v1/personas/" + escaped(persona.value) + std::string{rest};
  }

  static query_text query_of(const audit_filter& filter) {
    auto out = query_text{};
    out.add("limit", page_size);
    if (filter.since)
      out.add("since", to_text(*filter.since));
    if (filter.action)
      out.add("action", name_of(*filter.action));
    if (filter.source)
      out.add("source", name_of(*filter.source));
    if (filter.store)
      out.add("store", name_of(*filter.store));
    return out;
  }

  template <class Each>
  result<void> for_each_item(const persona_id& persona, const query_text& query, const Each& each) {
    for (auto cursor = std::string{};;) {
      auto whole = query;
      whole.add("limit", page_size).add("cursor", cursor);
      const auto answer = page_at(path_of(persona, "/memory") + whole.text());
      if (!answer)
        return answer.error();
      auto page = memory_page_from_json(*answer);
      if (!page || (!page->next.empty() && page->next == cursor))
        return strange_answer();
      for (const auto& one : page->items)
        each(one);
      if (page->next.empty())
        return {};
      cursor = std::move(page->next);
    }
  }

  run_server server_;
  const std::atomic<bool>* stop_;
};

}  // namespace

std::unique_ptr<memory_access> memory_at_server(const runs_options& options,
                                                std::string_view command, std::ostream& err) {
  auto server = run_server::open(options, command, err);
  return server ? std::make_unique<server_memory>(std::move(*server), options.stop) : nullptr;
}

}  // namespace persona_runtime::cli
