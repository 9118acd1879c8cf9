#include "providers/chat/openai_body.hpp"

namespace persona_runtime {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::size_t guess_bytes_max = 4096;

}  // namespace

openai_body::openai_body(std::string provider, std::string model, std::string_view content_type,
                         text_sink* sink)
  : provider_{provider}, answer_{std::move(provider), std::move(model), sink},
    events_{[this](const sse_event& e) { return add_event(e); }}, form_{form::unknown} {
  if (content_type.starts_with("text/event-stream")) {
    form_ = form::events;
  } else if (content_type.starts_with("application/json")) {
    form_ = form::document;
  }
}

/// Endpoints that mislabel their streams are common enough to look at the first bytes.
void openai_body::guess() {
  auto text = std::string_view{document_}.substr(0, guess_bytes_max);
  auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) {
    return;
  }
  text.remove_prefix(begin);
  if (text.front() == '{') {
    form_ = form::document;
    return;
  }
  for (std::string_view field : {"data:", "event:", "id:", "retry:", ":"}) {
    if (text.starts_with(field)) {
      form_ = form::events;
      return;
    }
    if (field.starts_with(text)) {
      return;  // may still become one
    }
  }
  form_ = form::neither;
}

bool openai_body::feed(std::string_view bytes) {
  if (is_over_) {
    return false;
  }
  if (form_ == form::unknown) {
    document_.append(bytes);
    guess();
    if (form_ == form::unknown) {
      is_over_ = document_.size() >= guess_bytes_max;
      return !is_over_;
    }
    return feed_known(std::exchange(document_, {}));
  }
  return feed_known(bytes);
}

bool openai_body::feed_known(std::string_view bytes) {
  if (form_ == form::events) {
    is_over_ = !events_.feed(bytes);
  } else if (form_ == form::document) {
    too_long_ = document_.size() + bytes.size() > reply_bytes_max;
    is_over_ = too_long_;
    document_.append(too_long_ ? std::string_view{} : bytes);
  } else {
    is_over_ = true;
  }
  return !is_over_;
}

bool openai_body::add_event(const sse_event& event) {
  if (event.data == "[DONE]") {
    answer_.mark_done();
    return false;
  }
  return event.data.empty() || answer_.add_chunk(event.data);
}

model_result<answer_parts> openai_body::finish() {
  if (form_ == form::events) {
    if (!is_over_) {
      events_.finish();
    }
    if (!events_.error().empty()) {
      auto error = broken_stream(provider_, events_.error());
      error.output_begun = has_begun();
      return error;
    }
    return answer_.finish();
  }
  if (too_long_) {
    auto error = model_error{};
    error.detail = "provider=" + provider_ + " the reply is longer than 8 MiB";
    return error;
  }
  if (form_ == form::document && document_.find_first_not_of(blanks) != std::string::npos) {
    answer_.add_whole(document_);
    return answer_.finish();
  }
  auto error = broken_stream(provider_, form_ == form::neither
                                          ? "the answer is neither an event stream nor JSON"
                                          : "the answer is empty");
  error.reason = form_ == form::neither ? "broken_stream" : "empty";
  return error;
}

}  // namespace persona_runtime
