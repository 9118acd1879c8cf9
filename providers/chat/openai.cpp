#include "providers/chat/openai.hpp"

#include "providers/chat/answer_body.hpp"
#include "providers/chat/json_reading.hpp"
#include "providers/chat/openai_answer.hpp"
#include "providers/chat/openai_request.hpp"

#include <utility>

namespace persona_runtime {

namespace {

model_error refused(const openai_options& options, std::string_view why) {
  auto error = model_error{};
  error.detail = "provider=" + options.provider + " " + std::string{why};
  return error;
}

class openai_wire final : public chat_wire {
public:
  openai_wire(openai_target target, std::string url, std::string key)
    : target_{std::move(target)}, url_{std::move(url)}, key_{std::move(key)} {}

  std::string_view provider() const override { return target_.row->name; }
  std::string_view model() const override { return target_.model; }
  bool native_tools() const override { return target_.native_tools; }

  http_request to_http(const chat_request& request) const override {
    auto post = http_request{};
    post.method = "POST";
    post.url = url_;
    post.headers = {{"Content-Type", "application/json"},
                    {"Accept", "text/event-stream, application/json"}};
    if (!key_.empty()) {
      post.headers.emplace_back("Authorization", "Bearer " + key_);
    }
    post.body = openai_request_body(target_, request);
    return post;
  }

  std::unique_ptr<answer_reader> read_answer(std::string_view content_type,
                                             text_sink* sink) const override {
    auto answer = std::make_unique<openai_answer>(std::string{provider()}, target_.model, sink);
    return std::make_unique<answer_body>(std::move(answer), content_type);
  }

private:
  openai_target target_;
  std::string url_;
  std::string key_;
};

}  // namespace

model_result<std::unique_ptr<chat_provider>> make_openai_provider(const openai_options& options,
                                                                  chat_surroundings surroundings) {
  const auto* row = find_provider_row(options.provider);
  if (row == nullptr) {
    return refused(options, "is not one of openai, deepseek, groq, together, nvidia, openrouter");
  }
  if (row->needs_key && options.api_key.empty()) {
    auto error = refused(options, "needs an API key");
    error.kind = model_error_class::authentication;
    return error;
  }
  if (options.model.empty()) {
    return refused(options, "needs the name of a model");
  }
  auto url = endpoint_url(options.provider, options.base_url, row->base_url, "chat/completions");
  if (!url) {
    return url.error();
  }
  auto extra = json_fields(options.extra_body);
  if (!extra) {
    return refused(options, "has an extra_body that is not the text of a JSON object");
  }
  auto target =
    openai_target{row, options.model, options.native_tools, options.temperature, std::move(*extra)};
  auto wire = std::make_shared<openai_wire>(std::move(target), std::move(*url), options.api_key);
  return make_http_chat_provider(std::move(wire), std::move(surroundings));
}

}  // namespace persona_runtime
