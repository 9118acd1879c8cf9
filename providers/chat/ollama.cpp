#include "providers/chat/ollama.hpp"

#include "providers/chat/answer_body.hpp"
#include "providers/chat/ollama_answer.hpp"
#include "providers/chat/ollama_request.hpp"

#include <utility>

namespace persona_runtime {

namespace {

constexpr std::string_view ollama_name = "ollama";
constexpr std::string_view ollama_url = "http://127.0.0.1:11434/";

class ollama_wire final : public chat_wire {
public:
  ollama_wire(ollama_target target, std::string url, std::string key)
    : target_{std::move(target)}, url_{std::move(url)}, key_{std::move(key)} {}

  std::string_view provider() const override { return ollama_name; }
  std::string_view model() const override { return target_.model; }
  bool native_tools() const override { return target_.native_tools; }

  http_request to_http(const chat_request& request) const override {
    auto post = http_request{};
    post.method = "POST";
    post.url = url_;
    post.headers = {{"Content-Type", "application/json"},
                    {"Accept", "application/x-ndjson, application/json"}};
    if (!key_.empty()) {
      post.headers.emplace_back("Authorization", "Bearer " + key_);
    }
    post.body = ollama_request_body(target_, request);
    return post;
  }

  std::unique_ptr<answer_reader> read_answer(std::string_view content_type,
                                             text_sink* sink) const override {
    auto answer = std::make_unique<ollama_answer>(std::string{ollama_name}, target_.model, sink);
    return std::make_unique<answer_body>(std::move(answer), content_type, answer_form::lines);
  }

private:
  ollama_target target_;
  std::string url_;
  std::string key_;
};

}  // namespace

model_result<std::unique_ptr<chat_provider>> make_ollama_provider(const ollama_options& options,
                                                                  chat_surroundings surroundings) {
  if (options.model.empty()) {
    auto error = model_error{};
    error.detail = "provider=ollama needs the name of a model";
    return error;
  }
  auto url = endpoint_url(ollama_name, options.base_url, ollama_url, "api/chat");
  if (!url) {
    return url.error();
  }
  auto target = ollama_target{options.model, options.native_tools, options.temperature};
  auto wire = std::make_shared<ollama_wire>(std::move(target), std::move(*url), options.api_key);
  return make_http_chat_provider(std::move(wire), std::move(surroundings));
}

}  // namespace persona_runtime
