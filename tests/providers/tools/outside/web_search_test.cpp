// web_search against recorded answers, over real sockets.

#include "providers/http/client.hpp"
#include "providers/http/io_thread.hpp"
#include "providers/tools/outside/web_search.hpp"
#include "tests/providers/tools/outside/outside_support.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/recording_server.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

constexpr auto brave_answer = R"({"type":"search","web":{"results":[
  {"title":"Tide tables\nfor the fjord","url":"https://tides.example/fjord",
   "description":"High water at 06:12."},
  {"title":"No address"},
  "not a row",
  {"url":"https://plain.example/"}]}})";

constexpr auto tavily_answer = R"({"results":[
  {"title":"Ferry times","url":"https://ferry.example/","content":"Every hour.","score":0.9}]})";

constexpr auto serpapi_answer = R"({"organic_results":[
  {"position":1,"title":"Harbour map","link":"https://map.example/","snippet":"All berths."}]})";

/// One question to an engine that answers `answer`.
class searching {
public:
  explicit searching(std::string answer, search_engine engine = search_engine::brave,
                     std::chrono::milliseconds timeout = 20s)
    : server_{std::move(answer)}, tool_{
                                    make_web_search(*client_, {.engine = engine,
                                                               .api_key = "k3y/+",
                                                               .endpoint = server_.url("/search"),
                                                               .timeout = timeout})} {}

  tool_result ask(const std::string& arguments) { return result_of(*tool_, arguments); }

  [[nodiscard]] std::string request() const { return server_.request(); }

private:
  recording_server server_;
  io_thread io_;
  std::unique_ptr<http_client> client_{std::move(make_http_client(io_.context(), {}).value())};
  std::shared_ptr<tool_body> tool_;
};

std::string json_answer(std::string_view body) {
  return plain_answer(body, "application/json");
}

}  // namespace

TEST_CASE("web_search asks Brave and lists what it found", "[tools][web_search]") {
  auto engine = searching{json_answer(brave_answer)};
  const auto result = engine.ask(R"({"query":"high water & wind","max_results":7})");
  CHECK_FALSE(result.is_error);
  CHECK(result.content
        == "1. Tide tables for the fjord\n   https://tides.example/fjord\n   High water at 06:12.\n"
           "2. https://plain.example/\n   https://plain.example/");
  CHECK(
    result.data
    == R"({"results":[{"title":"Tide tables for the fjord","url":"https://tides.example/fjord",)"
       R"("snippet":"High water at 06:12."},{"title":"","url":"https://plain.example/",)"
       R"("snippet":""}],"provider":"brave"})");
  const auto request = engine.request();
  CHECK(contains(request, "GET /search?q=high%20water%20%26%20wind&count=7 HTTP/1.1\r\n"));
  CHECK(contains(request, "X-Subscription-Token: k3y/+\r\n"));
}

TEST_CASE("BT-01 web_search asks Tavily for 20 results at most", "[tools][web_search]") {
  auto engine = searching{json_answer(tavily_answer), search_engine::tavily};
  const auto result = engine.ask(R"({"query":"ferry \"north\"","max_results":50})");
  CHECK(result.content == "1. Ferry times\n   https://ferry.example/\n   Every hour.");
  const auto request = engine.request();
  CHECK(contains(request, "POST /search HTTP/1.1\r\n"));
  CHECK(contains(request, "Authorization: Bearer k3y/+\r\n"));
  CHECK(contains(request, R"({"query":"ferry \"north\"","max_results":20,"search_depth":"basic",)"
                          R"("include_answer":false,"include_raw_content":false,)"
                          R"("include_images":false})"));
}

TEST_CASE("web_search asks SerpAPI", "[tools][web_search]") {
  auto engine = searching{json_answer(serpapi_answer), search_engine::serpapi};
  CHECK(engine.ask(R"({"query":"berths"})").content
        == "1. Harbour map\n   https://map.example/\n   All berths.");
  CHECK(contains(engine.request(),
                 "GET /search?engine=google&q=berths&num=5&api_key=k3y%2F%2B HTTP/1.1\r\n"));
}

TEST_CASE("BT-01 web_search without rows is no error", "[tools][web_search]") {
  for (const auto* body : {R"({"web":{"results":[]}})", R"({"web":{}})", "{}", R"({"web":7})"}) {
    INFO(body);
    auto engine = searching{json_answer(body)};
    const auto result = engine.ask(R"({"query":"x"})");
    CHECK_FALSE(result.is_error);
    CHECK(contains(result.content, "no results"));
  }
}

TEST_CASE("BT-01 web_search says what a refusal means, and never shows the key",
          "[tools][web_search]") {
  struct expected {
    std::string_view status;
    std::string_view part;
  };
  for (const auto& [status, part] :
       {expected{"401 Unauthorized", "PERSONA_WEB_SEARCH_API_KEY"},
        expected{"403 Forbidden", "PERSONA_WEB_SEARCH_API_KEY"},
        expected{"429 Too Many Requests", "rate limit"}, expected{"500 Oops", "HTTP status 500"}}) {
    INFO(status);
    auto engine = searching{plain_answer("went wrong", "text/plain", status)};
    const auto result = engine.ask(R"({"query":"x"})");
    CHECK(result.is_error);
    CHECK(contains(result.content, part));
    CHECK_FALSE(contains(result.content, "k3y"));
  }
}

TEST_CASE("web_search with an engine that is slow or talks nonsense", "[tools][web_search]") {
  auto silent = searching{"", search_engine::serpapi, 200ms};
  const auto late = silent.ask(R"({"query":"x"})");
  CHECK(late.is_error);
  CHECK_FALSE(contains(late.content, "k3y"));

  for (const auto* body : {"<html>", "[1,2]", "{\"web\":"}) {
    auto engine = searching{json_answer(body)};
    const auto result = engine.ask(R"({"query":"x"})");
    CHECK(result.is_error);
    CHECK(contains(result.content, "could not be read"));
  }
  auto huge = searching{json_answer(std::string((2 << 20) + 1, ' '))};
  CHECK(huge.ask(R"({"query":"x"})").is_error);
}

TEST_CASE("search hits are bounded in number and length", "[tools][web_search]") {
  auto text = std::string{R"({"results":[)"};
  for (auto i = 0; i < 40; ++i)
    text += std::string{i > 0 ? "," : ""} + R"({"url":"https://e.example/","title":")"
            + std::string(5'000, 't') + R"("})";
  const auto hits = read_search_hits(search_engine::tavily, text + "]}", 20);
  REQUIRE(hits.has_value());
  CHECK(hits->size() == 20);
  CHECK(hits->front().title.size() == 300);
}
