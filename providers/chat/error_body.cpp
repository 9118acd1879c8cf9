#include "providers/chat/error_body.hpp"

#include "providers/chat/error_object.hpp"

namespace persona_runtime {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t message_bytes_max = 2048;

bool read_word(std::string_view name, ondemand::value part, error_words& words) {
  auto number = std::uint64_t{};
  if ((name == "code" || name == "status") && !part.get_uint64().get(number)) {
    words.status = number >= 400 && number < 600 ? static_cast<int>(number) : words.status;
    return true;
  }
  auto* word = name == "code"      ? &words.code
               : name == "type"    ? &words.type
               : name == "param"   ? &words.param
               : name == "message" ? &words.message
                                   : nullptr;
  auto text = std::string_view{};
  if (word != nullptr && json_walk::text_of(part, text)) {
    *word = text.substr(0, message_bytes_max);
  }
  return true;
}

}  // namespace

void read_error_words(ondemand::value v, error_words& words) {
  if (json_walk::is_object(v)) {
    json_walk::for_fields_of(
      v, [&](std::string_view name, ondemand::value part) { return read_word(name, part, words); });
    return;
  }
  auto text = std::string_view{};
  if (json_walk::text_of(v, text)) {
    words.message = text.substr(0, message_bytes_max);
  }
}

error_words error_words_of(std::string_view body) {
  auto words = error_words{};
  auto reader = json_reader{};
  auto document = ondemand::document{};
  auto root = ondemand::object{};
  if (reader.open(body).get(document) || document.get_object().get(root)) {
    return words;
  }
  json_walk::for_fields(root, [&](std::string_view name, ondemand::value v) {
    if (name == "error") {
      read_error_words(v, words);
    } else if (name == "message" || name == "detail") {
      auto text = std::string_view{};
      if (json_walk::text_of(v, text) && words.message.empty()) {
        words.message = text.substr(0, message_bytes_max);
      }
    }
    return true;
  });
  return words;
}

}  // namespace persona_runtime
