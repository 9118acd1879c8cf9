#include "providers/chat/answer_body.hpp"

#include "domain/text/ascii.hpp"

#include <utility>

namespace persona_runtime {

namespace {

constexpr std::size_t guess_bytes_max = 4096;
constexpr std::size_t line_bytes_max = sse_line_bytes_max;

answer_form form_named(std::string_view content_type) {
  if (content_type.starts_with("text/event-stream")) {
    return answer_form::events;
  }
  if (content_type.starts_with("application/x-ndjson")) {
    return answer_form::lines;
  }
  return answer_form::unknown;
}

}  // namespace

answer_body::answer_body(std::unique_ptr<answer_documents> documents, std::string_view content_type,
                         answer_form braced)
  : documents_{std::move(documents)}, events_{[this](const sse_event& e) {
      return e.data.empty() || documents_->add_event(e.data);
    }},
    form_{form_named(content_type)}, braced_{braced} {
  if (content_type.starts_with("application/json")) {
    form_ = braced;
  }
}

/// Endpoints that mislabel their streams are common enough to look at the first bytes.
void answer_body::guess() {
  const auto seen = std::string_view{rest_}.substr(0, guess_bytes_max);
  const auto begin = seen.find_first_not_of(ascii_blanks);
  if (begin == std::string_view::npos) {
    return;
  }
  const auto text = seen.substr(begin);
  if (text.front() == '{') {
    form_ = braced_;
    return;
  }
  for (std::string_view field : {"data:", "event:", "id:", "retry:", ":"}) {
    if (text.starts_with(field)) {
      form_ = answer_form::events;
      return;
    }
    if (field.starts_with(text)) {
      return;  // may still become one
    }
  }
  form_ = answer_form::neither;
}

bool answer_body::feed(std::string_view bytes) {
  if (is_over_) {
    return false;
  }
  if (form_ != answer_form::unknown) {
    return feed_known(bytes);
  }
  rest_.append(bytes);
  guess();
  if (form_ != answer_form::unknown) {
    const auto seen = std::exchange(rest_, {});
    return feed_known(seen);
  }
  is_over_ = rest_.size() >= guess_bytes_max;
  return !is_over_;
}

bool answer_body::feed_known(std::string_view bytes) {
  switch (form_) {
  case answer_form::events:
    is_over_ = !events_.feed(bytes);
    break;
  case answer_form::lines:
    is_over_ = !feed_lines(bytes);
    break;
  case answer_form::document:
    is_over_ = !feed_document(bytes);
    break;
  default:
    is_over_ = true;
  }
  return !is_over_;
}

bool answer_body::feed_document(std::string_view bytes) {
  if (rest_.size() + bytes.size() > reply_bytes_max) {
    too_long_ = "the reply is longer than 8 MiB";
    return false;
  }
  rest_.append(bytes);
  return true;
}

bool answer_body::take_line(std::string_view line) {
  const auto json = trimmed(line);
  return json.empty() || documents_->add_event(json);
}

bool answer_body::feed_lines(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    if (rest_.size() + part.size() > line_bytes_max) {
      too_long_ = "a line is longer than 1 MiB";
      return false;
    }
    if (end == std::string_view::npos) {
      rest_.append(part);
      return true;
    }
    bytes.remove_prefix(end + 1);
    if (rest_.empty()) {
      if (!take_line(part)) {
        return false;
      }
      continue;
    }
    rest_.append(part);
    const auto line = std::exchange(rest_, {});
    if (!take_line(line)) {
      return false;
    }
  }
  return true;
}

model_result<answer_parts> answer_body::finish_events() {
  if (!is_over_) {
    events_.finish();
  }
  if (events_.error().empty()) {
    return documents_->finish();
  }
  auto error = broken_stream(documents_->parts().provider(), events_.error());
  error.output_begun = has_begun();
  return error;
}

model_result<answer_parts> answer_body::finish_lines() {
  if (!is_over_ && !rest_.empty()) {
    take_line(std::exchange(rest_, {}));  // vendors forget the last line's end
  }
  return documents_->finish();
}

model_result<answer_parts> answer_body::finish() {
  const auto& provider = documents_->parts().provider();
  if (!too_long_.empty()) {
    auto error = model_error{};
    error.detail = "provider=" + provider + " " + std::string{too_long_};
    error.output_begun = has_begun();
    return error;
  }
  if (form_ == answer_form::events) {
    return finish_events();
  }
  if (form_ == answer_form::lines) {
    return finish_lines();
  }
  if (form_ == answer_form::document && !trimmed(rest_).empty()) {
    documents_->add_whole(rest_);
    return documents_->finish();
  }
  const auto is_neither = form_ == answer_form::neither;
  auto error = broken_stream(provider, is_neither ? "the answer is neither an event stream nor JSON"
                                                  : "the answer is empty");
  error.reason = is_neither ? "broken_stream" : "empty";
  return error;
}

}  // namespace persona_runtime
