#include "providers/tools/outside/web_fetch.hpp"
#include "tests/providers/tools/outside/fake_web.hpp"
#include "tests/providers/tools/outside/outside_support.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

using namespace persona_runtime;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

/// web_fetch on a web where open.example is public.
struct fetching {
  fake_client client;
  fake_resolver resolver;
  io_thread io;
  std::shared_ptr<worker_pool> pool = std::make_shared<worker_pool>(1, 8);
  web_fetch_options options;

  fetching() { resolver.names["open.example"] = {{"8.8.8.8"}}; }

  tool_result call(const std::string& arguments) {
    const auto tool = make_web_fetch(client, resolver, io.context(), pool, options);
    return result_of(*tool, arguments);
  }

  tool_result get(const std::string& url) { return call(R"({"url":")" + url + "\"}"); }

  tool_result get_page(fake_page page) {
    client.pages["https://open.example/"] = std::move(page);
    return get("https://open.example/");
  }
};

boost::json::object data_of(const tool_result& result) {
  return boost::json::parse(result.data).as_object();
}

}  // namespace

TEST_CASE("BT-03 web_fetch refuses other schemes and URLs without host, and sends nothing",
          "[tools][web_fetch]") {
  auto web = fetching{};
  for (const auto* url :
       {"ftp://open.example/a", "file:///etc/passwd", "gopher://open.example/", "http://",
        "https:///path", "open.example", "", "javascript:alert(1)", "data:text/plain,a",
        "http://user:secret@open.example/", "http://open.example:0/", "http://open.example:65536/",
        "http://open%2eexample/"}) {
    INFO(url);
    const auto result = web.get(url);
    CHECK(result.is_error);
    CHECK(contains(result.content, "The page was not read: "));
  }
  CHECK(web.client.sent().empty());
}

TEST_CASE("BT-04 web_fetch refuses addresses that are not public, and sends nothing",
          "[tools][web_fetch]") {
  auto web = fetching{};
  for (const auto* host :
       {"127.0.0.1", "127.0.0.1:9000", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "0.0.0.0", "[::1]", "[fe80::1]", "[fe80::1]:80", "[::ffff:127.0.0.1]",
        "100.64.0.1", "[fd00::1]", "[64:ff9b::a00:1]"}) {
    INFO(host);
    const auto result = web.get(std::string{"http://"} + host + "/");
    CHECK(result.is_error);
    CHECK(contains(result.content, "non-public address"));
  }
  CHECK(web.client.sent().empty());
}

TEST_CASE("BT-05 web_fetch does not follow a redirect to a private address", "[tools][web_fetch]") {
  auto web = fetching{};
  const auto result = web.get_page({.status = 302, .headers = location("http://10.0.0.1/")});
  CHECK(result.is_error);
  CHECK(contains(result.content, "non-public address"));
  CHECK(web.client.sent().size() == 1);
}

TEST_CASE("BT-06 web_fetch refuses a public name with a private address, without telling it",
          "[tools][web_fetch]") {
  auto web = fetching{};
  web.resolver.names["rebound.example"] = {{"10.20.30.40"}};
  const auto result = web.get("http://rebound.example/");
  CHECK(result.is_error);
  CHECK(contains(result.content, "non-public address"));
  CHECK_FALSE(contains(result.content, "10.20"));
  const auto unknown = web.get("http://unknown.example/");
  CHECK(unknown.is_error);
  CHECK(contains(unknown.content, "cannot be resolved"));
  CHECK(web.client.sent().empty());
}

TEST_CASE("BT-07 web_fetch cuts a long text to max_chars and says how long it was",
          "[tools][web_fetch]") {
  auto web = fetching{};
  const auto cut = web.get_page({.body = std::string(5000, 'a')});
  CHECK(cut.content == std::string(4000, 'a'));
  CHECK(cut.truncated);
  CHECK(data_of(cut).at("original_length") == 5000);

  const auto whole = web.get_page({.body = std::string(4000, 'a')});
  CHECK(whole.content.size() == 4000);
  CHECK_FALSE(whole.truncated);
  CHECK_FALSE(data_of(whole).contains("original_length"));

  web.client.pages["https://open.example/n"] = {.body = "bl\xc3\xa5"
                                                        "b\xc3\xa6r"};
  const auto letters = web.call(R"({"url":"https://open.example/n","max_chars":6})");
  CHECK(letters.content
        == "bl\xc3\xa5"
           "b\xc3\xa6"
           "r");
  const auto three = web.call(R"({"url":"https://open.example/n","max_chars":3})");
  CHECK(three.content == "bl\xc3\xa5");
  CHECK(data_of(three).at("original_length") == 6);
}

TEST_CASE("BT-08 web_fetch says that a page without text is probably drawn by scripts",
          "[tools][web_fetch]") {
  auto web = fetching{};
  const auto result =
    web.get_page({.headers = {{"Content-Type", "text/html"}},
                  .body = "<html><body><div id=app></div><script>go()</script></body></html>"});
  CHECK_FALSE(result.is_error);
  CHECK(contains(result.content, "scripts"));
  CHECK(data_of(result).at("extracted") == false);
}

TEST_CASE("BT-09 web_fetch passes JSON and plain text through untouched", "[tools][web_fetch]") {
  auto web = fetching{};
  const auto json = web.get_page({.headers = {{"content-type", "Application/JSON; charset=utf-8"}},
                                  .body = "{ \"a\" : [1,\n2] }"});
  CHECK(json.content == "{ \"a\" : [1,\n2] }");
  CHECK(data_of(json)
        == boost::json::parse(R"({"url":"https://open.example/","final_url":"https://open.example/",
             "status":200,"content_type":"application/json","extracted":false})"));
  const auto plain = web.get_page({.body = "  <b>as it is</b>\n\n"});
  CHECK(plain.content == "  <b>as it is</b>\n\n");
}

TEST_CASE("web_fetch gives the text of HTML and where it came from in the end",
          "[tools][web_fetch]") {
  auto web = fetching{};
  web.client.pages["https://open.example/start"] = {.status = 301, .headers = location("/berths")};
  web.client.pages["https://open.example/berths"] = {
    .headers = {{"Content-Type", "text/html; charset=iso-8859-1"}},
    .body = "<title>Berths</title><p>Ledig b\xe5tplass: <a href='/7'>7</a>"};
  const auto result = web.get("https://open.example/start");
  CHECK(result.content == "Ledig b\xc3\xa5tplass: [7](https://open.example/7)");
  const auto data = data_of(result);
  CHECK(data.at("url") == "https://open.example/start");
  CHECK(data.at("final_url") == "https://open.example/berths");
  CHECK(data.at("title") == "Berths");
  CHECK(data.at("extracted") == true);
  REQUIRE(web.client.sent().size() == 2);
  CHECK(web.client.sent()[0].headers[0].first == "User-Agent");
  CHECK(contains(web.client.sent()[0].headers[0].second, "persona-runtime"));
}

TEST_CASE("web_fetch names the status, the network's failure or the time limit",
          "[tools][web_fetch]") {
  auto web = fetching{};
  CHECK(web.get_page({.status = 404}).content == "HTTP 404: Not Found");
  CHECK(web.get_page({.status = 503}).is_error);
  CHECK(contains(web.get_page({.body = "a", .error = http_error_kind::reset}).content, "network"));
  CHECK(contains(web.get_page({.headers = {{"Content-Type", "image/png"}}, .body = "x"}).content,
                 "image/png"));
  const auto cut = web.get_page({.body = "half", .error = http_error_kind::body_too_large});
  CHECK(cut.content == "half");
  CHECK(cut.truncated);
  web.options.fetch.timeout = 50ms;
  const auto late = web.get_page({.stalls = true});
  CHECK(late.is_error);
  CHECK(contains(late.content, "timeout"));
}

TEST_CASE("web_fetch that is cancelled tells nobody", "[tools][web_fetch]") {
  auto web = fetching{};
  web.client.pages["https://open.example/"] = {.stalls = true};
  const auto tool = make_web_fetch(web.client, web.resolver, web.io.context(), web.pool, {});
  auto answer = awaited<tool_result>{};
  const auto call = tool->start(a_call(R"({"url":"https://open.example/"})"), answer.receiver());
  REQUIRE(eventually([&] { return !web.client.sent().empty(); }));
  call->cancel();
  CHECK(eventually([&] { return web.client.cancelled() == 1; }));
  CHECK_FALSE(answer.is_ready());
}

TEST_CASE("web_fetch describes itself", "[tools][web_fetch]") {
  auto web = fetching{};
  const auto tool = make_web_fetch(web.client, web.resolver, web.io.context(), web.pool, {});
  CHECK(tool->definition().name == "web_fetch");
  CHECK(tool->definition().effect == tool_effect::read_only);
  CHECK_FALSE(tool->definition().description.empty());
  const auto schema = boost::json::parse(tool->definition().parameters);
  CHECK(schema.at("properties").at("max_chars").at("default") == 4000);
}
