#include "providers/chat/openai_answer.hpp"

#include "providers/chat/openai_document.hpp"

namespace persona_runtime {

bool openai_answer::add_event(std::string_view json) {
  if (json == "[DONE]") {
    parts_.mark_done();
    return false;
  }
  if (const auto text = frame_.text_in(json)) {
    return parts_.add_text(*text);
  }
  return read(json, false);
}

bool openai_answer::add_whole(std::string_view json) {
  parts_.mark_done();
  return read(json, true);
}

bool openai_answer::read(std::string_view json, bool whole) {
  thread_local json_reader reader;
  auto document = simdjson::ondemand::document{};
  if (!is_balanced(json) || reader.open(json).get(document)) {
    return parts_.broken("the answer holds JSON that does not parse");
  }
  auto walk = openai_document{parts_, whole};
  const auto going_on = walk.read(document);
  has_choices_ = has_choices_ || walk.has_choices();
  if (const auto text = walk.only_text(); going_on && !whole && !text.empty()) {
    frame_.learn(json, reader.offset_of(text), text.size());
  }
  return going_on;
}

model_result<answer_parts> openai_answer::finish() {
  if (!has_choices_ && (parts_.has_finished() || parts_.is_done())) {
    auto empty = broken_stream(parts_.provider(), "the answer holds no choices");
    empty.reason = "empty";
    parts_.fail(std::move(empty));
  }
  return parts_.finish();
}

}  // namespace persona_runtime
