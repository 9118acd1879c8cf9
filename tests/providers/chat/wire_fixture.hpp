#pragma once
// A provider and a server of the test's own, on real sockets.

#include "providers/chat/http_chat.hpp"
#include "providers/http/client.hpp"
#include "providers/http/io_thread.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/loopback_server.hpp"

#include <future>
#include <utility>

namespace persona_runtime::test {

struct wire_fixture {
  wire_fixture() {
    auto options = http_client_options{};
    options.sweep = std::chrono::milliseconds{5};
    client = *make_http_client(io.context(), options);
  }

  /// Every letter is a token; the clock moves on by 5 ms whenever it is read.
  chat_surroundings around() {
    auto s = chat_surroundings{};
    s.client = client;
    s.count = [](role, std::string_view text) {
      auto n = static_cast<std::uint32_t>(text.size());
      return message_size{n, n + 1};
    };
    s.now = [this] { return now += std::chrono::milliseconds{5}; };
    return s;
  }

  std::chrono::steady_clock::time_point now{};
  io_thread io;
  std::shared_ptr<http_client> client;
};

inline chat_request ask(std::shared_ptr<text_sink> sink = nullptr) {
  auto m = message{};
  m.content = shared_text{"the prompt"};
  m.size = {10, 11};
  auto request = chat_request{};
  request.context.push_back(std::make_shared<message>(m));
  request.sink = std::move(sink);
  return request;
}

struct started {
  std::shared_ptr<std::promise<model_result<model_reply>>> promise;  // never a broken one
  std::future<model_result<model_reply>> outcome;
  std::unique_ptr<pending_call> handle;
};

inline started begin(chat_provider& provider, chat_request request) {
  auto promise = std::make_shared<std::promise<model_result<model_reply>>>();
  auto outcome = promise->get_future();
  auto handle = provider.start(std::move(request),
                               [promise](auto result) { promise->set_value(std::move(result)); });
  return {promise, std::move(outcome), std::move(handle)};
}

inline model_result<model_reply> call(chat_provider& provider, chat_request request) {
  auto s = begin(provider, std::move(request));
  REQUIRE(s.outcome.wait_for(std::chrono::seconds{20}) == std::future_status::ready);
  return s.outcome.get();
}

inline loopback_server::script answer_with(std::string bytes) {
  return [bytes = std::move(bytes)](loopback_peer& peer) {
    while (!peer.read_request().empty()) {
      peer.send(bytes);
    }
  };
}

}  // namespace persona_runtime::test
