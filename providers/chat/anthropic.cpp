#include "providers/chat/anthropic.hpp"

#include "providers/chat/answer_body.hpp"
#include "providers/chat/anthropic_answer.hpp"
#include "providers/chat/anthropic_request.hpp"

#include <utility>

namespace persona_runtime {

namespace {

constexpr std::string_view anthropic_name = "anthropic";
constexpr std::string_view anthropic_url = "https://api.anthropic.com/";

model_error unusable(std::string_view why) {
  auto error = model_error{};
  error.detail = "provider=anthropic " + std::string{why};
  return error;
}

class anthropic_wire final : public chat_wire {
public:
  anthropic_wire(anthropic_target target, std::string url, std::string key)
    : target_{std::move(target)}, url_{std::move(url)}, key_{std::move(key)} {}

  std::string_view provider() const override { return anthropic_name; }
  std::string_view model() const override { return target_.model; }
  bool native_tools() const override { return target_.native_tools; }

  http_request to_http(const chat_request& request) const override {
    auto post = http_request{};
    post.method = "POST";
    post.url = url_;
    post.headers = {{"Content-Type", "application/json"},
                    {"Accept", "text/event-stream, application/json"},
                    {"anthropic-version", "2023-06-01"},
                    {"x-api-key", key_}};
    post.body = anthropic_request_body(target_, request);
    return post;
  }

  std::unique_ptr<answer_reader> read_answer(std::string_view content_type,
                                             text_sink* sink) const override {
    auto answer =
      std::make_unique<anthropic_answer>(std::string{anthropic_name}, target_.model, sink);
    return std::make_unique<answer_body>(std::move(answer), content_type);
  }

private:
  anthropic_target target_;
  std::string url_;
  std::string key_;
};

}  // namespace

model_result<std::unique_ptr<chat_provider>>
make_anthropic_provider(const anthropic_options& options, chat_surroundings surroundings) {
  if (options.api_key.empty()) {
    auto error = unusable("needs an API key");
    error.kind = model_error_class::authentication;
    return error;
  }
  if (options.model.empty()) {
    return unusable("needs the name of a model");
  }
  auto url = endpoint_url(anthropic_name, options.base_url, anthropic_url, "v1/messages");
  if (!url) {
    return url.error();
  }
  auto target = anthropic_target{options.model, options.native_tools, options.temperature};
  auto wire = std::make_shared<anthropic_wire>(std::move(target), std::move(*url), options.api_key);
  return make_http_chat_provider(std::move(wire), std::move(surroundings));
}

}  // namespace persona_runtime
