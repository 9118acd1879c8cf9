#include "providers/chat/anthropic_answer.hpp"

#include "domain/text/json_text.hpp"
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
  std::string_view signature;
  std::string_view encrypted;
  std::string_view stop_reason;
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
                 : name == "signature"    ? &b.signature
                 : name == "data"         ? &b.encrypted
                 : name == "stop_reason"  ? &b.stop_reason
                                          : nullptr;
    return text == nullptr || text_of(part, *text);
  });
}

bool read_usage(ondemand::value v, token_usage& to, bool& present) {
  return for_fields_of(v, [&](std::string_view name, ondemand::value part) {
    present = true;
    auto* count = name == "input_tokens"                  ? &to.prompt
                  : name == "cache_creation_input_tokens" ? &to.cache_write
                  : name == "cache_read_input_tokens"     ? &to.cache_read
                  : name == "output_tokens"               ? &to.completion
                                                          : nullptr;
    if (count != nullptr)
      *count = json_walk::count_of(part);
    return true;
  });
}

/// Later reports repeat what has not changed, or leave it out.
void take_newer(std::uint64_t& kept, std::uint64_t reported) {
  if (reported != 0)
    kept = reported;
}

bool is_thinking(const std::string_view type) {
  return type == "thinking" || type == "redacted_thinking" || type == "thinking_delta"
         || type == "signature_delta";
}

void append_thought(std::string& out, std::string_view text, std::string_view signature,
                    std::string_view encrypted) {
  auto o = json_writer{out};
  if (encrypted.empty())
    o.text("type", "thinking").text("thinking", text).text("signature", signature).close();
  else
    o.text("type", "redacted_thinking").text("data", encrypted).close();
}

}  // namespace

/// One document of a stream, read to its end before anything of it counts: fields come in any
/// order.
struct anthropic_answer::event {
  std::string_view type;
  std::uint64_t index = 0;
  block content;
  token_usage usage;
  bool has_usage = false;
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
      return read_usage(v, e.usage, e.has_usage);
    if (name == "message") {
      return for_fields_of(v, [&](std::string_view inner, ondemand::value part) {
        return inner != "usage" || read_usage(part, e.usage, e.has_usage);
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

/// Blocks without a signature are only shown: nobody asks for them back.
bool anthropic_answer::think(const event& e) {
  const auto& b = e.content;
  const auto is_open = !thoughts_.empty() && thoughts_.back().index == e.index
                       && b.type != "thinking" && b.type != "redacted_thinking";
  if (!is_open) {
    if (!parts_.count_bytes(sizeof(thought)))
      return false;
    thoughts_.push_back({e.index});
  }
  auto& block = thoughts_.back();
  if (!parts_.count_bytes(b.signature.size() + b.encrypted.size()) || !parts_.add_reasoning(b.text))
    return false;
  block.text.append(b.text);
  block.signature.append(b.signature);
  block.encrypted.append(b.encrypted);
  return true;
}

sealed_thinking anthropic_answer::sealed() const {
  auto blocks = std::string{};
  for (const auto& t : thoughts_) {
    if (t.signature.empty() && t.encrypted.empty())
      continue;
    blocks += blocks.empty() ? '[' : ',';
    append_thought(blocks, t.text, t.signature, t.encrypted);
  }
  if (blocks.empty())
    return {};
  return {parts_.provider() + '/' + parts_.model(), blocks + ']'};
}

bool anthropic_answer::begin_block(const event& e) {
  const auto& b = e.content;
  if (b.type == "tool_use") {
    const auto id = b.id.empty() ? "toolu_idx_" + std::to_string(e.index) : std::string{b.id};
    return parts_.add_call({e.index, id, b.name, {}});
  }
  return is_thinking(b.type) ? think(e) : parts_.add_text(b.text);
}

bool anthropic_answer::grow_block(const event& e) {
  const auto& b = e.content;
  if (b.type == "text_delta")
    return parts_.add_text(b.text);
  if (is_thinking(b.type))
    return think(e);
  return b.type != "input_json_delta" || parts_.add_call({e.index, {}, {}, b.arguments});
}

bool anthropic_answer::take(const event& e) {
  if (e.has_error) {
    return parts_.fail(provider_error_of(parts_.provider(), parts_.model(), e.words));
  }
  if (e.has_usage) {
    take_newer(fresh_.prompt, e.usage.prompt);
    take_newer(fresh_.completion, e.usage.completion);
    take_newer(fresh_.cache_read, e.usage.cache_read);
    take_newer(fresh_.cache_write, e.usage.cache_write);
    auto all = fresh_;
    all.prompt += fresh_.cache_read + fresh_.cache_write;
    parts_.set_usage(all);
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
  auto position = std::uint64_t{0};
  const auto going_on = for_fields(root, [&](std::string_view name, ondemand::value v) {
    if (name == "content") {
      return for_elements_of(v, [&](ondemand::value each) {
        auto e = event{};
        e.index = position++;
        const auto& b = e.content;
        if (!read_block(each, e.content))
          return false;
        if (b.type == "tool_use")
          return parts_.add_call({e.index, b.id, b.name, b.arguments});
        return is_thinking(b.type) ? think(e) : parts_.add_text(b.text);
      });
    }
    if (name == "stop_reason")
      return text_of(v, all.content.stop_reason);
    if (name == "usage")
      return read_usage(v, all.usage, all.has_usage);
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
  auto parts = parts_.finish();
  if (parts && !parts->calls.empty())
    parts->thinking = sealed();
  return parts;
}

}  // namespace persona_runtime
