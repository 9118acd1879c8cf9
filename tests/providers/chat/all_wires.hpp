#pragma once
// The three protocols of models behind HTTP: who speaks each, and an answer in it.

#include "providers/chat/anthropic.hpp"
#include "providers/chat/ollama.hpp"
#include "providers/chat/openai.hpp"
#include "tests/providers/chat/heard.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::test {

using provider_ptr = std::unique_ptr<chat_provider>;

struct wire_dialect {
  std::string name;
  std::string type;                               // of an answer
  std::function<std::string(std::string)> words;  // of a JSON string: the event that says it
  std::string end;                                // of the answer
  std::function<model_result<provider_ptr>(std::string url, chat_surroundings)> provider;
};

inline std::vector<wire_dialect> all_wires() {
  return {
    {"openai", "text/event-stream",
     [](const std::string& text) {
       return event(R"({"choices":[{"delta":{"content":")" + text + R"("}}]})");
     },
     event(R"({"choices":[{"delta":{},"finish_reason":"stop"}]})") + "data: [DONE]\n\n",
     [](std::string url, chat_surroundings around) {
       return make_openai_provider({"openai", "m-1", "key-1", std::move(url)}, std::move(around));
     }},
    {"anthropic", "text/event-stream",
     [](const std::string& text) {
       return event(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
                    R"("text":")"
                    + text + R"("}})");
     },
     event(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})")
       + event(R"({"type":"message_stop"})"),
     [](std::string url, chat_surroundings around) {
       return make_anthropic_provider({"m-1", "key-1", std::move(url)}, std::move(around));
     }},
    {"ollama", "application/x-ndjson",
     [](const std::string& text) {
       return R"({"message":{"content":")" + text + R"("},"done":false})" + "\n";
     },
     R"({"done":true,"done_reason":"stop"})"
     "\n",
     [](std::string url, chat_surroundings around) {
       return make_ollama_provider({"m-1", "key-1", std::move(url)}, std::move(around));
     }},
  };
}

}  // namespace persona_runtime::test
