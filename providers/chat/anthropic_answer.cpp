#include "providers/chat/anthropic_answer.hpp"

#include "providers/chat/error_object.hpp"

namespace persona_runtime {

namespace {

namespace ondemand = simdjson::ondemand;
using json_walk::for_elements_of;
using json_walk::for_fields;
using json_walk::for_fields_of;
using json_walk::text_of;

/// A content block, or what is added to one. Views live as long as the document.
struct block {
  std::string_view type;
  std::string_view id;
  std::string_view name;
  std::string_view text;       // or thinking
  std::string_view arguments;  // JSON, or a piece of it
  std::string_view stop_reason;
};

struct usage_counts {
  std::uint64_t prompt = 0;
  std::uint64_t completion = 0;
  bool present = false;
};

bool read_block(ondemand::value v, block& b) {
  return for_fields_of(v, [&](std::string_view name, ondemand::value part) {
    if (name == "input")
      return !simdjson::to_json_string(part).get(b.arguments);
    auto* text = name == "type"           ? &b.type
                 : name == "id"           ? &b.id
                 : name == "name"         ? &b.name
                 : name == "text"         ? &b.text
                 : name == "thinking"     ? &b.text
                 : name == "partial_json" ? &b.arguments
                 : name == "stop_reason"  ? &b.stop_reason
                                          : nullptr;
    return text == nullptr || text_of(part, *text);
  });
}

bool read_usage(ondemand::value v, usage_counts& to) {
  return for_fields_of(v, [&](std::string_view name, ondemand::value part) {
    to.present = true;
    if (name == "input_tokens" || name == "cache_creation_input_tokens"
        || name == "cache_read_input_tokens") {
      to.prompt += json_walk::count_of(part);
    } else if (name == "output_tokens") {
      to.completion = json_walk::count_of(part);
    }
    return true;
  });
}

}  // namespace

/// One document of a stream, read to its end before anything of it counts: fields come in any
/// order.
struct anthropic_answer::event {
  std::string_view type;
  std::uint64_t index = 0;
  block content;
  usage_counts usage;
  error_words words;
  bool has_error = false;
};

bool anthropic_answer::read_event(std::string_view json, event& e) {
  thread_local json_reader reader;
  auto document = ondemand::document{};
  auto root = ondemand::object{};
  if (!json_walk::open_object(reader, json, document, root)) {
    return parts_.broken("the answer holds JSON that does not parse");
  }
  const auto going_on = for_fields(root, [&](std::string_view name, ondemand::value v) {
    if (name == "type")
      return text_of(v, e.type);
    if (name == "index") {
      e.index = json_walk::count_of(v);
      return true;
    }
    if (name == "content_block" || name == "delta")
      return read_block(v, e.content);
    if (name == "usage")
      return read_usage(v, e.usage);
    if (name == "message") {
      return for_fields_of(v, [&](std::string_view inner, ondemand::value part) {
        return inner != "usage" || read_usage(part, e.usage);
      });
    }
    if (name == "error") {
      e.has_error = true;
      read_error_words(v, e.words);
    }
    return true;
  });
  return going_on || parts_.broken("the answer holds JSON that does not parse");
}

void anthropic_answer::keep_usage() {
  if (has_usage_) {
    parts_.set_usage({prompt_, completion_, false});
  }
}

bool anthropic_answer::begin_block(const event& e) {
  const auto& b = e.content;
  if (b.type == "tool_use") {
    const auto id = b.id.empty() ? "toolu_idx_" + std::to_string(e.index) : std::string{b.id};
    return parts_.add_call({e.index, id, b.name, {}});
  }
  return b.type == "thinking" ? parts_.add_reasoning(b.text) : parts_.add_text(b.text);
}

bool anthropic_answer::grow_block(const event& e) {
  const auto& b = e.content;
  if (b.type == "text_delta")
    return parts_.add_text(b.text);
  if (b.type == "thinking_delta")
    return parts_.add_reasoning(b.text);
  return b.type != "input_json_delta" || parts_.add_call({e.index, {}, {}, b.arguments});
}

bool anthropic_answer::take(const event& e) {
  if (e.has_error) {
    return parts_.fail(provider_error_of(parts_.provider(), parts_.model(), e.words));
  }
  if (e.usage.present) {
    has_usage_ = true;
    prompt_ = e.usage.prompt != 0 ? e.usage.prompt : prompt_;
    completion_ = e.usage.completion != 0 ? e.usage.completion : completion_;
    keep_usage();
  }
  if (e.type == "content_block_start")
    return begin_block(e);
  if (e.type == "content_block_delta")
    return grow_block(e);
  if (e.type == "message_delta")
    parts_.set_finish(e.content.stop_reason);
  if (e.type == "message_stop")
    parts_.mark_done();
  return e.type != "message_stop";
}

bool anthropic_answer::add_event(std::string_view json) {
  auto e = event{};
  return read_event(json, e) && take(e);
}

bool anthropic_answer::add_whole(std::string_view json) {
  thread_local json_reader reader;
  auto document = ondemand::document{};
  auto root = ondemand::object{};
  parts_.mark_done();
  if (!json_walk::open_object(reader, json, document, root)) {
    return parts_.broken("the answer is no JSON object");
  }
  auto all = event{};
  auto blocks = std::uint64_t{0};
  const auto going_on = for_fields(root, [&](std::string_view name, ondemand::value v) {
    if (name == "content") {
      return for_elements_of(v, [&](ondemand::value each) {
        auto b = block{};
        if (!read_block(each, b))
          return false;
        if (b.type == "tool_use")
          return parts_.add_call({blocks++, b.id, b.name, b.arguments});
        return b.type == "thinking" ? parts_.add_reasoning(b.text) : parts_.add_text(b.text);
      });
    }
    if (name == "stop_reason")
      return text_of(v, all.content.stop_reason);
    if (name == "usage")
      return read_usage(v, all.usage);
    if (name == "error") {
      all.has_error = true;
      read_error_words(v, all.words);
    }
    return true;
  });
  if (!going_on) {
    return parts_.broken("the answer holds JSON that does not parse");
  }
  parts_.set_finish(all.content.stop_reason);
  return take(all);
}

model_result<answer_parts> anthropic_answer::finish() {
  return parts_.finish();
}

}  // namespace persona_runtime
