#include "providers/tools/outside/guarded_fetch.hpp"
#include "tests/providers/tools/outside/fake_web.hpp"
#include "tests/providers/tools/outside/outside_support.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

/// What a user's endpoint is held to: https, public addresses.
struct guarded_web {
  fake_client client;
  fake_resolver resolver;
  io_thread io;
  fetch_limits limits;
  target_policy policy{.https_only = true};

  fetch_outcome get(const std::string& url) {
    const auto guard = target_guard{resolver, policy};
    const auto fetch = guarded_fetch{client, guard, io.context(), limits};
    auto outcome = awaited<fetch_outcome>{};
    const auto call = fetch.start(url, {{"Accept", "text/plain"}}, outcome.receiver());
    return outcome.get();
  }

  /// The token of the refusal, "sent" when the page came, else the problem's text.
  std::string verdict(const std::string& url) {
    const auto outcome = get(url);
    if (std::holds_alternative<fetched>(outcome))
      return "sent";
    const auto& problem = std::get<fetch_problem>(outcome);
    return problem.refusal ? std::string{token_of(*problem.refusal)} : problem.text;
  }

  std::vector<std::string> sent_to() const {
    auto out = std::vector<std::string>{};
    for (const auto& request : client.sent())
      out.push_back(request.address);
    return out;
  }
};

}  // namespace

TEST_CASE("SG-03 a refused target says which kind of refusal it is", "[tools][guard]") {
  auto web = guarded_web{};
  web.resolver.names["inside.example"] = {{"10.0.0.5"}};
  CHECK(web.verdict("http://one.example/") == "scheme_not_https");
  CHECK(web.verdict("ftp://one.example/") == "scheme_not_https");
  CHECK(web.verdict("one.example") == "scheme_not_https");
  CHECK(web.verdict("https:///path") == "no_host");
  CHECK(web.verdict("https://") == "no_host");
  CHECK(web.verdict("https://gone.example/") == "unresolvable");
  CHECK(web.verdict("https://inside.example/") == "blocked_target");
  CHECK(web.verdict("https://127.0.0.1/") == "blocked_target");
  CHECK(web.verdict("https://[::1]:8443/") == "blocked_target");
  CHECK(web.verdict("https://[::ffff:10.0.0.1]/") == "blocked_target");
  CHECK(web.client.sent().empty());
}

TEST_CASE("SG-04 one address that is not public rejects the host", "[tools][guard]") {
  auto web = guarded_web{};
  web.resolver.names["mixed.example"] = {{"8.8.8.8", "169.254.1.1"}};
  web.resolver.names["odd.example"] = {{"8.8.8.8", ""}};
  CHECK(web.verdict("https://mixed.example/") == "blocked_target");
  CHECK(web.verdict("https://odd.example/") == "blocked_target");
  CHECK(web.client.sent().empty());
}

TEST_CASE("SG-05 a name that changes its address between check and request gains nothing",
          "[tools][guard]") {
  auto web = guarded_web{};
  web.resolver.names["turn.example"] = {{"8.8.8.8"}, {"169.254.169.254"}};
  web.client.pages["https://turn.example/"] = {.body = "page"};
  // The request goes to the address that was looked at.
  CHECK(web.verdict("https://turn.example/") == "sent");
  CHECK(web.sent_to() == std::vector<std::string>{"8.8.8.8"});
  // The next one looks again.
  CHECK(web.verdict("https://turn.example/") == "blocked_target");
  CHECK(web.client.sent().size() == 1);
}

TEST_CASE("SG-06 a redirect to a private target ends at the first hop", "[tools][guard]") {
  auto web = guarded_web{};
  web.resolver.names["one.example"] = {{"8.8.8.8"}};
  web.resolver.names["inside.example"] = {{"192.168.0.9"}};
  for (const auto* target : {"https://10.0.0.1/", "https://inside.example/x", "//10.0.0.1/a",
                             "https://169.254.169.254/latest/meta-data"}) {
    INFO(target);
    web.client.pages["https://one.example/"] = {.status = 302, .headers = location(target)};
    const auto before = web.client.sent().size();
    CHECK(web.verdict("https://one.example/") == "blocked_target");
    CHECK(web.client.sent().size() == before + 1);
  }
  web.client.pages["https://one.example/"] = {.status = 302,
                                              .headers = location("http://one.example/")};
  CHECK(web.verdict("https://one.example/") == "scheme_not_https");
}

TEST_CASE("SG-07 a request goes to the address that was checked, under the name of the URL",
          "[tools][guard]") {
  auto web = guarded_web{};
  web.resolver.names["one.example"] = {{"8.8.8.8"}};
  web.client.pages["https://one.example:8443/a?b=1"] = {.body = "page"};
  CHECK(web.verdict("https://one.example:8443/a?b=1") == "sent");
  CHECK(web.client.sent()
        == std::vector<sent_request>{
          {"https://one.example:8443/a?b=1", "8.8.8.8", {{"Accept", "text/plain"}}}});
}

TEST_CASE("an address that does not answer is followed by the next one that was checked",
          "[tools][guard]") {
  auto web = guarded_web{};
  web.resolver.names["many.example"] = {{"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1"}};
  web.client.pages["https://many.example/"] = {.body = "page"};
  web.client.unreachable = {{"8.8.8.8", http_error_kind::connect_failed}};
  CHECK(web.verdict("https://many.example/") == "sent");
  CHECK(web.sent_to() == std::vector<std::string>{"8.8.8.8", "8.8.4.4"});

  web.client.unreachable = {{"8.8.8.8", http_error_kind::connect_failed},
                            {"8.8.4.4", http_error_kind::connect_failed},
                            {"1.1.1.1", http_error_kind::connect_failed}};
  CHECK(web.verdict("https://many.example/") == "network error: it does not work");
  CHECK(web.sent_to().size() == 5);  // three addresses at most

  web.client.unreachable = {{"8.8.8.8", http_error_kind::tls_failed}};
  CHECK(web.verdict("https://many.example/") == "network error: it does not work");
  CHECK(web.sent_to().size() == 6);
}

TEST_CASE("redirects are resolved like links, five at most, never in a circle", "[tools][guard]") {
  auto web = guarded_web{};
  web.resolver.names["one.example"] = {{"8.8.8.8"}};
  web.resolver.names["two.example"] = {{"8.8.4.4"}};
  const auto leads = [&](const std::string& from, int status, const std::string& to) {
    web.client.pages[from] = {.status = status, .headers = location(to)};
  };
  leads("https://one.example/a/b", 301, "c?q=1");
  leads("https://one.example/a/c?q=1", 302, "../d");
  leads("https://one.example/d", 303, "/e f");
  leads("https://one.example/e%20f", 307, "//two.example");
  leads("https://two.example", 308, "https://two.example/end#part");
  web.client.pages["https://two.example/end"] = {.body = "page"};
  const auto outcome = web.get("https://one.example/a/b");
  REQUIRE(std::holds_alternative<fetched>(outcome));
  CHECK(std::get<fetched>(outcome).url == "https://two.example/end");
  CHECK(std::get<fetched>(outcome).answer.body == "page");
  CHECK(web.client.sent().size() == 6);

  leads("https://one.example/start", 301, "/a/b");  // a sixth
  CHECK(web.verdict("https://one.example/start") == "more than 5 redirects");

  leads("https://one.example/x", 301, "/y");
  leads("https://one.example/y", 301, "/x");
  CHECK(web.verdict("https://one.example/x").find("redirect loop") == 0);

  web.client.pages["https://one.example/z"] = {.status = 302};
  CHECK(web.verdict("https://one.example/z").find("without saying where") != std::string::npos);
  leads("https://one.example/w", 302, "https://[bad/");
  CHECK(web.verdict("https://one.example/w").find("no URL") != std::string::npos);

  web.client.pages["https://one.example/304"] = {.status = 304, .headers = location("/x")};
  CHECK(web.verdict("https://one.example/304") == "sent");  // not a redirect
}

TEST_CASE("a fetch has one time limit for look-ups and all hops", "[tools][guard]") {
  auto web = guarded_web{};
  web.limits.timeout = 50ms;
  web.resolver.names["one.example"] = {{"8.8.8.8"}};
  web.client.pages["https://one.example/"] = {.stalls = true};
  CHECK(web.verdict("https://one.example/").find("timeout") == 0);
  CHECK(web.client.cancelled() == 1);
  web.resolver.stalls = true;
  CHECK(web.verdict("https://one.example/").find("timeout") == 0);
}

TEST_CASE("a fetch that is cancelled stops its request and tells nobody", "[tools][guard]") {
  auto web = guarded_web{};
  web.resolver.names["one.example"] = {{"8.8.8.8"}};
  web.client.pages["https://one.example/"] = {.stalls = true};
  const auto guard = target_guard{web.resolver, web.policy};
  const auto fetch = guarded_fetch{web.client, guard, web.io.context(), web.limits};
  auto outcome = awaited<fetch_outcome>{};
  const auto call = fetch.start("https://one.example/", {}, outcome.receiver());
  REQUIRE(eventually([&] { return !web.client.sent().empty(); }));
  call->cancel();
  CHECK(eventually([&] { return web.client.cancelled() == 1; }));
  CHECK_FALSE(outcome.is_ready());
  call->cancel();
}

TEST_CASE("a body that is too large is kept as far as it came", "[tools][guard]") {
  auto web = guarded_web{};
  web.resolver.names["one.example"] = {{"8.8.8.8"}};
  auto& page = web.client.pages["https://one.example/"];
  page = {.body = "half a page", .error = http_error_kind::body_too_large};
  const auto outcome = web.get("https://one.example/");
  REQUIRE(std::holds_alternative<fetched>(outcome));
  CHECK(std::get<fetched>(outcome).answer.body == "half a page");

  page.body.clear();
  CHECK(web.verdict("https://one.example/").find("larger than 2097152 bytes") != std::string::npos);
  page.error = http_error_kind::reset;
  CHECK(web.verdict("https://one.example/") == "network error: it broke");
}

TEST_CASE("the system's resolver gives every address as text", "[tools][guard]") {
  const auto resolver = make_system_resolver(std::make_shared<worker_pool>(1, 4));
  auto found = awaited<result<std::vector<std::string>>>{};
  // The forms of an address that only some readers know are found out by resolving them.
  resolver->resolve("0x7f.1", found.receiver());
  const auto addresses = found.get();
  REQUIRE(addresses.has_value());
  CHECK(addresses->front() == "127.0.0.1");

  auto none = awaited<result<std::vector<std::string>>>{};
  resolver->resolve("no such name.invalid", none.receiver());
  CHECK_FALSE(none.get().has_value());
}

TEST_CASE("a resolver whose queue is full says so", "[tools][guard]") {
  auto release = std::promise<void>{};
  auto begun = std::promise<void>{};
  const auto pool = std::make_shared<worker_pool>(1, 1);
  REQUIRE(pool->submit([&] {
    begun.set_value();
    release.get_future().wait();
  }));
  begun.get_future().wait();
  REQUIRE(pool->submit([] {}));
  const auto resolver = make_system_resolver(pool);
  auto found = awaited<result<std::vector<std::string>>>{};
  resolver->resolve("127.0.0.1", found.receiver());
  CHECK(found.get().error().code == errc::overloaded);
  release.set_value();
}
