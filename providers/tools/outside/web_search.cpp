#include "providers/tools/outside/web_search.hpp"

#include "domain/text/json_text.hpp"
#include "domain/tool/result_bounds.hpp"
#include "providers/tools/outside/answer_collector.hpp"
#include "providers/tools/outside/tool_exchange.hpp"

#include <boost/json.hpp>
#include <boost/url.hpp>

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr std::size_t search_bytes_max = 2u << 20;
constexpr std::size_t search_shown_bytes_max = 200;
constexpr std::int64_t results_default = 5;

tool_definition web_search_definition(std::chrono::milliseconds timeout) {
  return {
    .name = "web_search",
    .description =
      "Searches the World Wide Web and returns titles, addresses and short excerpts of what it "
      "finds. You can look things up with this: use it whenever an answer depends on what has "
      "happened lately or on facts that you are not sure of, instead of guessing. web_fetch reads "
      "a page that it names.",
    .parameters =
      R"({"type":"object","additionalProperties":false,"properties":{)"
      R"("query":{"type":"string","description":"What to search for","minLength":1,)"
      R"("maxLength":1000},)"
      R"("max_results":{"type":"integer","description":"How many results to return at most; 20 )"
      R"(is the most there are","minimum":1,"default":5}},"required":["query"]})",
    .effect = tool_effect::read_only,
    .exclusive = false,
    // The tool ends by itself first, with a better message.
    .timeout = timeout + std::chrono::seconds{5}};
}

struct search_question {
  std::string query;
  std::uint32_t hits_max = 0;
};

search_question read_question(std::string_view arguments) {
  auto error = json::error_code{};
  const auto parsed = json::parse({arguments.data(), arguments.size()}, error);
  const auto* fields = error ? nullptr : parsed.if_object();
  auto out = search_question{};
  auto wanted = results_default;
  if (fields != nullptr) {
    if (const auto* query = fields->if_contains("query"); query != nullptr && query->is_string())
      out.query = std::string{query->get_string()};
    if (const auto* count = fields->if_contains("max_results"); count != nullptr)
      wanted = count->is_int64() ? count->get_int64() : std::int64_t{search_hits_max};
  }
  out.hits_max =
    static_cast<std::uint32_t>(std::clamp(wanted, std::int64_t{1}, std::int64_t{search_hits_max}));
  return out;
}

std::string_view own_endpoint(search_engine engine) {
  switch (engine) {
  case search_engine::brave:
    return "https://api.search.brave.com/res/v1/web/search";
  case search_engine::tavily:
    return "https://api.tavily.com/search";
  case search_engine::serpapi:
    return "https://serpapi.com/search.json";
  }
  return {};
}

using query_fields = std::vector<std::pair<std::string_view, std::string>>;

/// Everything but letters, digits and -._~ is escaped: a bare '+' would arrive as a blank.
std::string with_query(std::string url, const query_fields& fields) {
  auto mark = '?';
  for (const auto& [name, value] : fields) {
    url += std::exchange(mark, '&');
    url.append(name) += '=';
    url += boost::urls::encode(value, boost::urls::unreserved_chars);
  }
  return url;
}

http_request request_of(const web_search_options& options, const search_question& asked) {
  const auto count = std::to_string(asked.hits_max);
  auto out = http_request{};
  out.headers = {{"Accept", "application/json"}, {"User-Agent", "persona-runtime"}};
  switch (options.engine) {
  case search_engine::brave:
    out.url = with_query(options.endpoint, {{"q", asked.query}, {"count", count}});
    out.headers.emplace_back("X-Subscription-Token", options.api_key);
    break;
  case search_engine::serpapi:
    out.url = with_query(
      options.endpoint,
      {{"engine", "google"}, {"q", asked.query}, {"num", count}, {"api_key", options.api_key}});
    break;
  case search_engine::tavily: {
    out.method = "POST";
    out.url = options.endpoint;
    out.headers.emplace_back("Content-Type", "application/json");
    out.headers.emplace_back("Authorization", "Bearer " + options.api_key);
    auto o = json_writer{out.body};
    o.text("query", asked.query).number("max_results", asked.hits_max);
    o.text("search_depth", "basic").flag("include_answer", false);
    o.flag("include_raw_content", false).flag("include_images", false).close();
    break;
  }
  }
  out.timeouts = {.connect = std::min(http_timeouts{}.connect, options.timeout),
                  .first_byte = options.timeout,
                  .between = options.timeout,
                  .total = options.timeout};
  out.body_bytes_max = search_bytes_max;
  return out;
}

tool_result refusal_of(const http_answer& answer) {
  switch (answer.head.status) {
  case 401:
  case 403:
    return error_result("The search engine refused the key: authentication failed. "
                        "PERSONA_WEB_SEARCH_API_KEY must hold a valid one.");
  case 429:
    return error_result("The search engine's rate limit is reached. Try again later.");
  default:
    return error_result("The search engine answered with HTTP status "
                        + std::to_string(answer.head.status) + ": "
                        + tail_of(std::string_view{answer.body}.substr(0, search_shown_bytes_max),
                                  search_shown_bytes_max));
  }
}

tool_result result_of(search_engine engine, std::uint32_t hits_max, const http_answer& answer) {
  if (answer.error)
    return error_result("The search did not work: " + answer.error->detail + ".");
  if (answer.head.status != 200)
    return refusal_of(answer);
  const auto hits = read_search_hits(engine, answer.body, hits_max);
  if (!hits)
    return error_result("The search engine's answer could not be read: " + hits.error().detail
                        + ".");
  return search_result(engine, *hits);
}

class web_search final : public tool_body {
public:
  web_search(http_client& client, web_search_options options)
    : definition_{web_search_definition(options.timeout)}, options_{std::move(options)}, client_{
                                                                                           client} {
    if (options_.endpoint.empty())
      options_.endpoint = own_endpoint(options_.engine);
  }

  const tool_definition& definition() const override { return definition_; }

  std::unique_ptr<pending_call> start(tool_request request, on_done done) override {
    const auto asked = read_question(request.call.arguments);
    return client_.start(
      request_of(options_, asked),
      std::make_shared<answer_collector>(search_bytes_max, when_full::stop,
                                         [engine = options_.engine, hits_max = asked.hits_max,
                                          done = std::move(done)](const http_answer& answer) {
                                           done(result_of(engine, hits_max, answer));
                                         }));
  }

private:
  tool_definition definition_;
  web_search_options options_;
  http_client& client_;
};

}  // namespace

std::shared_ptr<tool_body> make_web_search(http_client& client, web_search_options options) {
  return std::make_shared<web_search>(client, std::move(options));
}

}  // namespace persona_runtime
