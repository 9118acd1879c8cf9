#include "providers/chat/openai_document.hpp"

namespace persona_runtime {

namespace {

namespace ondemand = simdjson::ondemand;

/// Calls `each(name, value)` for every field of `v` while it returns true. False when it did not,
/// or when `v` is no object or does not parse.
template <class Each>
bool for_fields(ondemand::object object, Each&& each) {
  for (auto field : object) {
    auto name = std::string_view{};
    auto content = ondemand::value{};
    if (field.unescaped_key().get(name) || field.value().get(content) || !each(name, content)) {
      return false;
    }
  }
  return true;
}

/// The text of a string; empty for anything else. False when the string is not valid.
bool text_of(ondemand::value v, std::string_view& text) {
  text = {};
  auto type = ondemand::json_type{};
  if (v.type().get(type)) {
    return false;
  }
  return type != ondemand::json_type::string || !v.get_string().get(text);
}

bool is_object(ondemand::value& v) {
  auto type = ondemand::json_type{};
  return !v.type().get(type) && type == ondemand::json_type::object;
}

bool is_array(ondemand::value& v) {
  auto type = ondemand::json_type{};
  return !v.type().get(type) && type == ondemand::json_type::array;
}

/// A count; 0 for null and for what is none.
std::uint64_t count_of(ondemand::value v) {
  auto number = std::uint64_t{};
  if (!v.get_uint64().get(number)) {
    return number;
  }
  auto real = 0.0;
  return !v.get_double().get(real) && real > 0 && real < 1e15 ? static_cast<std::uint64_t>(real)
                                                              : 0;
}

constexpr std::size_t message_bytes_max = 2048;

/// An error object, or a text that stands for one.
void read_words(ondemand::value v, error_words& words) {
  auto text = std::string_view{};
  auto object = ondemand::object{};
  if (!is_object(v)) {
    if (text_of(v, text)) {
      words.message = text.substr(0, message_bytes_max);
    }
    return;
  }
  if (v.get_object().get(object)) {
    return;
  }
  for_fields(object, [&](std::string_view name, ondemand::value part) {
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
    if (word != nullptr && text_of(part, text)) {
      *word = text.substr(0, message_bytes_max);
    }
    return true;
  });
}

}  // namespace

bool openai_document::broken(std::string_view what) {
  if (!to_.error_) {
    to_.fail(broken_stream(to_.provider_, what));
  }
  return false;
}

bool openai_document::read(ondemand::document& document) {
  auto root = ondemand::object{};
  if (document.get_object().get(root)) {
    return broken("the answer holds JSON that is no object");
  }
  auto going_on = for_fields(root, [&](std::string_view name, ondemand::value v) {
    if (name == "choices") {
      to_.has_choices_ = true;
      return read_choices(v);
    }
    if (name == "usage") {
      return read_usage(v);
    }
    return name != "error" || read_error(v);
  });
  return going_on || broken("the answer holds JSON that does not parse");
}

bool openai_document::read_usage(value v) {
  if (!is_object(v)) {
    return true;
  }
  auto usage = token_usage{};
  auto object = ondemand::object{};
  if (v.get_object().get(object)) {
    return false;
  }
  auto going_on = for_fields(object, [&](std::string_view name, ondemand::value count) {
    if (name == "prompt_tokens") {
      usage.prompt = count_of(count);
    } else if (name == "completion_tokens") {
      usage.completion = count_of(count);
    }
    return true;
  });
  to_.parts_.usage = usage;
  return going_on;
}

bool openai_document::read_choices(value v) {
  auto choices = ondemand::array{};
  if (!is_array(v)) {
    return true;
  }
  if (v.get_array().get(choices)) {
    return false;
  }
  auto first = true;
  for (auto each : choices) {
    auto choice = ondemand::object{};
    if (each.get_object().get(choice)) {
      return false;
    }
    // More than one is never asked for.
    if (first && !read_choice(choice)) {
      return false;
    }
    first = false;
  }
  return true;
}

bool openai_document::read_choice(ondemand::object choice) {
  return for_fields(choice, [&](std::string_view name, ondemand::value v) {
    if (name == (whole_ ? "message" : "delta")) {
      return read_message(v);
    }
    if (name == "finish_reason") {
      auto reason = std::string_view{};
      if (!text_of(v, reason)) {
        return false;
      }
      if (!reason.empty()) {
        to_.finish_.assign(reason.substr(0, 32));
      }
    }
    return true;
  });
}

bool openai_document::read_message(value v) {
  if (!is_object(v)) {
    return true;
  }
  auto message = ondemand::object{};
  if (v.get_object().get(message)) {
    return false;
  }
  has_reasoning_ = false;
  return for_fields(message, [&](std::string_view name, ondemand::value part) {
    if (name == "content") {
      return read_text(part);
    }
    if (name == "tool_calls") {
      return read_calls(part);
    }
    if (name == "reasoning_content" || name == "reasoning") {
      return read_reasoning(part, name.size() > 9);
    }
    return true;
  });
}

bool openai_document::read_text(value v) {
  auto text = std::string_view{};
  if (!is_array(v)) {
    return text_of(v, text) && to_.add_text(text);
  }
  auto parts = ondemand::array{};
  if (v.get_array().get(parts)) {
    return false;
  }
  for (auto each : parts) {
    auto part = ondemand::object{};
    if (each.get_object().get(part)) {
      return false;
    }
    auto going_on = for_fields(part, [&](std::string_view name, ondemand::value content) {
      return name != "text" || (text_of(content, text) && to_.add_text(text));
    });
    if (!going_on) {
      return false;
    }
  }
  return true;
}

bool openai_document::read_reasoning(value v, bool first_name) {
  // Some endpoints send the same text under both names.
  auto text = std::string_view{};
  if (!text_of(v, text)) {
    return false;
  }
  if (text.empty() || (has_reasoning_ && !first_name)) {
    return true;
  }
  if (has_reasoning_) {
    return true;
  }
  has_reasoning_ = true;
  return to_.add_reasoning(text);
}

bool openai_document::read_calls(value v) {
  if (!is_array(v)) {
    return true;
  }
  auto calls = ondemand::array{};
  if (v.get_array().get(calls)) {
    return false;
  }
  auto position = std::uint64_t{0};
  for (auto each : calls) {
    auto call = ondemand::object{};
    if (each.get_object().get(call) || !read_call(call, position++)) {
      return false;
    }
  }
  return true;
}

bool openai_document::read_call(ondemand::object call, std::uint64_t position) {
  auto fragment = openai_answer::call_fragment{};
  auto going_on = for_fields(call, [&](std::string_view name, ondemand::value v) {
    if (name == "index") {
      auto index = std::uint64_t{};
      if (!v.get_uint64().get(index)) {
        fragment.index = index;
      }
      return true;
    }
    if (name == "id") {
      return text_of(v, fragment.id);
    }
    return name != "function" || read_function(v, fragment);
  });
  if (whole_) {
    fragment.index = position;  // each is a call of its own, whatever its id
  }
  return going_on && to_.add_call(fragment);
}

bool openai_document::read_function(value v, openai_answer::call_fragment& fragment) {
  if (!is_object(v)) {
    return true;
  }
  auto function = ondemand::object{};
  if (v.get_object().get(function)) {
    return false;
  }
  return for_fields(function, [&](std::string_view name, ondemand::value part) {
    if (name == "name") {
      return text_of(part, fragment.name);
    }
    if (name != "arguments") {
      return true;
    }
    auto type = ondemand::json_type{};
    if (part.type().get(type)) {
      return false;
    }
    if (type == ondemand::json_type::null && !whole_) {
      return true;  // a first fragment that brings the name alone
    }
    if (type == ondemand::json_type::string) {
      return !part.get_string().get(fragment.arguments);
    }
    // Not a text but the thing itself, as some endpoints send it; a null is judged later too.
    return !simdjson::to_json_string(part).get(fragment.arguments);
  });
}

bool openai_document::read_error(value v) {
  auto words = error_words{};
  auto type = ondemand::json_type{};
  if (v.type().get(type)) {
    return false;
  }
  if (type == ondemand::json_type::null) {
    return true;
  }
  read_words(v, words);
  to_.fail(provider_error_of(to_.provider_, to_.model_, words));
  return false;
}

error_words error_words_of(std::string_view body) {
  auto words = error_words{};
  auto reader = json_reader{};
  auto document = ondemand::document{};
  auto root = ondemand::object{};
  if (reader.open(body).get(document) || document.get_object().get(root)) {
    return words;
  }
  for_fields(root, [&](std::string_view name, ondemand::value v) {
    if (name == "error") {
      read_words(v, words);
    } else if (name == "message" || name == "detail") {
      auto text = std::string_view{};
      if (text_of(v, text) && words.message.empty()) {
        words.message = text.substr(0, message_bytes_max);
      }
    }
    return true;
  });
  return words;
}

}  // namespace persona_runtime
