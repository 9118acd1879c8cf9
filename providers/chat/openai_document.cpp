#include "providers/chat/openai_document.hpp"

#include "providers/chat/error_object.hpp"

namespace persona_runtime {

namespace {

namespace ondemand = simdjson::ondemand;
using json_walk::for_elements_of;
using json_walk::for_fields;
using json_walk::for_fields_of;
using json_walk::is_array;
using json_walk::is_object;
using json_walk::text_of;

}  // namespace

bool openai_document::read(ondemand::document& document) {
  auto root = ondemand::object{};
  if (document.get_object().get(root)) {
    return to_.broken("the answer holds JSON that is no object");
  }
  auto going_on = for_fields(root, [&](std::string_view name, ondemand::value v) {
    if (name == "choices") {
      has_choices_ = true;
      return read_choices(v);
    }
    if (name == "usage") {
      return read_usage(v);
    }
    return name != "error" || read_error(v);
  });
  return going_on || to_.broken("the answer holds JSON that does not parse");
}

bool openai_document::read_usage(value v) {
  if (!is_object(v)) {
    return true;
  }
  says_more_ = true;
  auto usage = token_usage{};
  auto going_on = for_fields_of(v, [&](std::string_view name, ondemand::value count) {
    if (name == "prompt_tokens") {
      usage.prompt = json_walk::count_of(count);
    } else if (name == "completion_tokens") {
      usage.completion = json_walk::count_of(count);
    } else if (name == "prompt_cache_hit_tokens") {  // DeepSeek's word for the same
      usage.cache_read = json_walk::count_of(count);
    } else if (name == "prompt_tokens_details") {
      return for_fields_of(count, [&](std::string_view inner, ondemand::value part) {
        if (inner == "cached_tokens")
          usage.cache_read = json_walk::count_of(part);
        return true;
      });
    }
    return true;
  });
  to_.set_usage(usage);
  return going_on;
}

bool openai_document::read_choices(value v) {
  auto first = true;
  return for_elements_of(v, [&](ondemand::value each) {
    auto choice = ondemand::object{};
    // More than one is never asked for.
    return !each.get_object().get(choice) && (!std::exchange(first, false) || read_choice(choice));
  });
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
      says_more_ = says_more_ || !reason.empty();
      to_.set_finish(reason);
    }
    return true;
  });
}

bool openai_document::read_message(value v) {
  has_reasoning_ = false;
  return for_fields_of(v, [&](std::string_view name, ondemand::value part) {
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

void openai_document::note_text(std::string_view token) {
  if (!token.starts_with('"')) {
    return;
  }
  says_more_ = says_more_ || !text_.empty();
  text_ = token.substr(0, token.rfind('"') + 1);  // blanks may follow
}

bool openai_document::read_text(value v) {
  auto text = std::string_view{};
  if (!is_array(v)) {
    note_text(v.raw_json_token());
    return text_of(v, text) && to_.add_text(text);
  }
  says_more_ = true;
  return for_elements_of(v, [&](ondemand::value each) {
    auto part = ondemand::object{};
    return !each.get_object().get(part)
           && for_fields(part, [&](std::string_view name, ondemand::value content) {
                return name != "text" || (text_of(content, text) && to_.add_text(text));
              });
  });
}

bool openai_document::read_reasoning(value v, bool first_name) {
  // Some endpoints send the same text under both names.
  auto text = std::string_view{};
  if (!text_of(v, text)) {
    return false;
  }
  says_more_ = says_more_ || !text.empty();
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
  auto position = std::uint64_t{0};
  says_more_ = says_more_ || is_array(v);
  return for_elements_of(v, [&](ondemand::value each) {
    auto call = ondemand::object{};
    return !each.get_object().get(call) && read_call(call, position++);
  });
}

bool openai_document::read_call(ondemand::object call, std::uint64_t position) {
  auto fragment = call_fragment{};
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

bool openai_document::read_function(value v, call_fragment& fragment) {
  return for_fields_of(v, [&](std::string_view name, ondemand::value part) {
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
  read_error_words(v, words);
  return to_.fail(provider_error_of(to_.provider(), to_.model(), words));
}

}  // namespace persona_runtime
