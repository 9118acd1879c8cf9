// The simulator on real sockets, heard by the providers that are to read models.

#include "load/model_simulator.hpp"
#include "providers/chat/anthropic.hpp"
#include "providers/chat/ollama.hpp"
#include "providers/chat/openai.hpp"
#include "tests/providers/chat/heard.hpp"
#include "tests/providers/chat/wire_fixture.hpp"
#include "tests/support/http_probe.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace persona_runtime;
using namespace persona_runtime::test;
using namespace std::chrono_literals;

namespace {

using provider_ptr = std::unique_ptr<chat_provider>;

std::unique_ptr<model_simulator> simulator_that(const simulation& how = {},
                                                const simulator_limits& limits = {}) {
  auto made = model_simulator::start("127.0.0.1:0", how, limits);
  REQUIRE(made.has_value());
  return std::move(*made);
}

std::string url_of(const model_simulator& simulator, std::string_view path) {
  return "http://" + simulator.bound_address() + std::string{path};
}

std::vector<provider_ptr> all_providers(const model_simulator& simulator, wire_fixture& f) {
  auto all = std::vector<provider_ptr>{};
  all.push_back(
    *make_openai_provider({"openai", "m-1", "key", url_of(simulator, "/v1")}, f.around()));
  all.push_back(*make_anthropic_provider({"m-1", "key", url_of(simulator, "")}, f.around()));
  all.push_back(*make_ollama_provider({"m-1", "key", url_of(simulator, "")}, f.around()));
  return all;
}

/// A bare connection that says what a test wants and reads to the end.
class raw_client {
public:
  explicit raw_client(const model_simulator& simulator) {
    const auto address = simulator.bound_address();
    auto to = sockaddr_in{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port =
      htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    const auto patience = timeval{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  }
  ~raw_client() { ::close(fd_); }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  void say(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void leave() const { ::shutdown(fd_, SHUT_WR); }
  /// What comes next; empty at the end, or after 20 s.
  [[nodiscard]] std::string next() const {
    auto bytes = std::array<char, 4096>{};
    const auto got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : std::string{};
  }
  [[nodiscard]] bool has_more_within(std::chrono::milliseconds wait) const {
    auto watched = pollfd{fd_, POLLIN, 0};
    return ::poll(&watched, 1, static_cast<int>(wait.count())) > 0;
  }
  [[nodiscard]] std::string rest() const {
    auto all = std::string{};
    for (auto more = next(); !more.empty(); more = next())
      all += more;
    return all;
  }

private:
  int fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

std::string post_of(std::string_view path, std::string_view body) {
  return "POST " + std::string{path} + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

}  // namespace

TEST_CASE("every provider reads the simulator", "[load][wires]") {
  const auto simulator = simulator_that();
  auto f = wire_fixture{};
  for (const auto& provider : all_providers(*simulator, f)) {
    for (auto again = 0; again < 2; ++again) {
      auto sink = std::make_shared<heard>();
      const auto reply = call(*provider, ask(sink));
      REQUIRE(reply.has_value());
      CHECK(reply->text == "the prompt");
      CHECK(sink->text == "the prompt");
      CHECK(reply->usage == token_usage{3, 2, false});
      CHECK(reply->finish == finish_reason::stop);
    }
  }
}

TEST_CASE("every provider reads its calls", "[load][wires]") {
  const auto simulator = simulator_that();
  auto f = wire_fixture{};
  auto offered = std::vector<tool_definition>(1);
  offered[0].name = "find";
  offered[0].parameters =
    R"({"type":"object","properties":{"q":{"type":"string"}},"required":["q"]})";
  for (const auto& provider : all_providers(*simulator, f)) {
    auto request = ask();
    request.tools = std::make_shared<const std::vector<tool_definition>>(offered);
    const auto reply = call(*provider, std::move(request));
    REQUIRE(reply.has_value());
    REQUIRE(reply->calls.size() == 1);
    CHECK(reply->calls[0].name == "find");
    CHECK(reply->calls[0].arguments == R"({"q":"1"})");
    CHECK(reply->text.empty());
    CHECK(reply->finish == finish_reason::tool_calls);
  }
}

TEST_CASE("an answer takes the time that it is told to", "[load]") {
  auto how = simulation{};
  how.first_token = 20ms;
  how.between_tokens = 5ms;
  how.tokens = 4;
  const auto simulator = simulator_that(how);
  auto f = wire_fixture{};
  for (const auto& provider : all_providers(*simulator, f)) {
    const auto begin = std::chrono::steady_clock::now();
    const auto reply = call(*provider, ask());
    CHECK(std::chrono::steady_clock::now() - begin >= 35ms);
    REQUIRE(reply.has_value());
    CHECK(reply->usage.completion == 4);
  }
}

TEST_CASE("a long answer comes whole", "[load]") {
  auto how = simulation{};
  how.text = "Berth four is free until noon, and the crane is not.";
  how.tokens = simulated_tokens_max;
  const auto simulator = simulator_that(how);
  auto f = wire_fixture{};
  for (const auto& provider : all_providers(*simulator, f)) {
    auto request = ask();
    request.reply_tokens_max = simulated_tokens_max;
    const auto reply = call(*provider, std::move(request));
    REQUIRE(reply.has_value());
    CHECK(reply->usage.completion == simulated_tokens_max);
    CHECK(reply->text.size() > 2 * simulated_tokens_max);
  }
}

TEST_CASE("a wished failure has status and header", "[load]") {
  const auto simulator = simulator_that();
  auto f = wire_fixture{};
  auto request = http_request{};
  request.method = "POST";
  request.url = url_of(*simulator, "/v1/messages");
  request.body = R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],)"
                 R"("simulate":{"status":529,"retry_after":"2"}})";
  const auto probe = fetch(*f.client, request);
  CHECK(probe->status() == 529);
  CHECK(probe->head().header("retry-after") == "2");
  CHECK(probe->body().find("overloaded_error") != std::string::npos);
}

TEST_CASE("what is no request is refused, and the connection ends", "[load]") {
  const auto simulator = simulator_that();
  const auto status = [&](std::string_view bytes) {
    const auto client = raw_client{*simulator};
    client.say(bytes);
    client.leave();
    return client.rest().substr(0, 12);
  };
  CHECK(status("nonsense\r\n\r\n") == "HTTP/1.1 400");
  CHECK(status("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')) == "HTTP/1.1 431");
  CHECK(status("POST /v1/messages HTTP/1.1\r\nContent-Length: 8388609\r\n\r\n") == "HTTP/1.1 413");
  CHECK(status("POST /v1/messages HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        == "HTTP/1.1 411");
  CHECK(status("").empty());
  CHECK(status("POST /v1/messages HTTP/1.1\r\nContent-Le").empty());
  CHECK(status("GET /nowhere HTTP/1.1\r\n\r\n") == "HTTP/1.1 404");
}

TEST_CASE("requests on one connection are answered in order", "[load]") {
  const auto simulator = simulator_that();
  const auto client = raw_client{*simulator};
  client.say("GET /api/version HTTP/1.1\r\n\r\nGET /v1/models HTTP/1.1\r\n\r\n");
  client.leave();
  const auto all = client.rest();
  CHECK(all.find("0.0.0-simulated") < all.find("owned_by"));
  CHECK(all.find("owned_by") != std::string::npos);
}

TEST_CASE("a client that leaves ends its answer", "[load]") {
  const auto simulator = simulator_that();
  const auto client = raw_client{*simulator};
  client.say(post_of("/api/chat", R"({"model":"m","messages":[{"role":"user","content":"x"}],)"
                                  R"("simulate":{"first_token_ms":600000}})"));
  client.leave();
  CHECK(client.rest().empty());  // at once, and not in ten minutes
}

TEST_CASE("one client too many waits until another leaves", "[load]") {
  auto limits = simulator_limits{};
  limits.connections = 1;
  const auto simulator = simulator_that({}, limits);
  auto first = std::make_optional<raw_client>(*simulator);
  first->say("GET /api/version HTTP/1.1\r\n\r\n");
  CHECK(first->next().starts_with("HTTP/1.1 200"));
  const auto second = raw_client{*simulator};
  second.say("GET /api/version HTTP/1.1\r\n\r\n");
  CHECK_FALSE(second.has_more_within(30ms));
  first.reset();
  CHECK(second.next().starts_with("HTTP/1.1 200"));
}

TEST_CASE("a request that does not arrive is not waited for", "[load]") {
  auto limits = simulator_limits{};
  limits.transfer = 30ms;
  const auto simulator = simulator_that({}, limits);
  for (const auto* begun :
       {"", "POST /api/chat HTT", "POST /api/chat HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"}) {
    const auto client = raw_client{*simulator};
    client.say(begun);
    CHECK(client.rest().empty());
  }
}

TEST_CASE("a simulator that goes takes its answers with it", "[load]") {
  auto simulator = simulator_that();
  const auto client = raw_client{*simulator};
  client.say(post_of("/api/chat", R"({"model":"m","messages":[{"role":"user","content":"x"}],)"
                                  R"("simulate":{"between_tokens_ms":600000,"tokens":9}})"));
  CHECK(client.next().starts_with("HTTP/1.1 200"));
  simulator = nullptr;
  CHECK(client.next().empty());  // at once, and not in ten minutes
}

TEST_CASE("where a simulator cannot listen it says why", "[load]") {
  const auto simulator = simulator_that();
  for (const auto& address : {std::string{"nowhere"}, std::string{"example.invalid:1"},
                              std::string{"192.0.2.1:0"}, simulator->bound_address()}) {
    const auto made = model_simulator::start(address, {});
    REQUIRE(made.has_error());
    CHECK(made.error().detail.find(address) != std::string::npos);
  }
}
