#pragma once
// The outside, scripted: calls stay open until a test answers them.

#include "providers/chat/chat_provider.hpp"
#include "providers/tools/tool_body.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

namespace persona_runtime::test {

/// Open and cancelled calls, oldest first. A cancelled call can still be answered: late.
template <class Request, class Reply>
class call_desk {
public:
  struct call {
    Request request;
    std::function<void(Reply)> done;
    bool cancelled = false;
    bool answered = false;
  };
  using call_ptr = std::shared_ptr<call>;

  std::unique_ptr<pending_call> open(Request request, std::function<void(Reply)> done) {
    calls.push_back(std::make_shared<call>(call{std::move(request), std::move(done)}));
    return std::make_unique<ticket>(calls.back());
  }
  [[nodiscard]] call_ptr waiting() const {
    const auto i =
      std::ranges::find_if(calls, [](const call_ptr& c) { return !c->cancelled && !c->answered; });
    return i == calls.end() ? nullptr : *i;
  }
  [[nodiscard]] std::size_t open_count() const {
    return static_cast<std::size_t>(std::ranges::count_if(
      calls, [](const call_ptr& c) { return !c->cancelled && !c->answered; }));
  }
  bool answer(Reply reply) {
    const auto c = waiting();
    if (c == nullptr)
      return false;
    c->answered = true;
    c->done(std::move(reply));
    return true;
  }

  std::vector<call_ptr> calls;

private:
  struct ticket final : pending_call {
    explicit ticket(call_ptr c) : call_{std::move(c)} {}
    void cancel() noexcept override { call_->cancelled = true; }
    call_ptr call_;
  };
};

struct desk_provider final : chat_provider {
  call_desk<chat_request, model_result<model_reply>> desk;
  std::unique_ptr<pending_call> start(chat_request request, on_done done) override {
    return desk.open(std::move(request), std::move(done));
  }
};

struct desk_tool final : tool_body {
  explicit desk_tool(tool_definition definition) : definition_{std::move(definition)} {}
  call_desk<tool_request, tool_result> desk;
  bool throws = false;  // which no body may
  [[nodiscard]] const tool_definition& definition() const override { return definition_; }
  std::unique_ptr<pending_call> start(tool_request request, on_done done) override {
    if (throws)
      throw std::runtime_error{"no such thing"};
    return desk.open(std::move(request), std::move(done));
  }

private:
  tool_definition definition_;
};

inline model_reply says(std::string text) {
  auto reply = model_reply{};
  reply.text = std::move(text);
  reply.usage = {10, 5, false};
  return reply;
}

inline model_reply calls(std::vector<tool_call> wanted, std::string narration = {}) {
  auto reply = says(std::move(narration));
  reply.calls = std::move(wanted);
  reply.finish = finish_reason::tool_calls;
  return reply;
}

inline tool_call call_of(std::string name, std::string call_id = "c1",
                         std::string arguments = "{}") {
  return {std::move(name), std::move(arguments), std::move(call_id), false};
}

inline tool_result result_of(std::string content) {
  auto r = tool_result{};
  r.content = std::move(content);
  return r;
}

inline tool_result error_of(std::string content) {
  auto r = result_of(std::move(content));
  r.is_error = true;
  return r;
}

inline model_error error_with(model_error_class kind, int status = 0) {
  auto e = model_error{};
  e.kind = kind;
  e.status = status;
  return e;
}

}  // namespace persona_runtime::test
