#pragma once
// The body of an answer as bytes: a stream of events, lines of JSON, or one JSON document.

#include "providers/chat/answer_documents.hpp"
#include "providers/chat/answer_reader.hpp"
#include "providers/http/sse_parser.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace persona_runtime {

/// How an answer is cut into documents.
enum class answer_form : std::uint8_t { unknown, events, lines, document, neither };

/// Takes the bytes of a 200 in any pieces. One thread; stays where it is.
class answer_body final : public answer_reader {
public:
  /// `content_type` decides how the bytes are read; without a telling one their beginning does.
  /// What begins with a brace is read as `braced`: lines or document.
  answer_body(std::unique_ptr<answer_documents> documents, std::string_view content_type,
              answer_form braced = answer_form::document);
  answer_body(const answer_body&) = delete;
  answer_body& operator=(const answer_body&) = delete;

  bool feed(std::string_view bytes) override;
  model_result<answer_parts> finish() override;
  bool has_begun() const override { return documents_->parts().has_begun(); }
  bool has_finished() const override { return documents_->parts().has_finished(); }
  bool is_done() const override { return documents_->parts().is_done(); }

private:
  void guess();
  bool feed_known(std::string_view bytes);
  bool feed_lines(std::string_view bytes);
  bool take_line(std::string_view line);
  bool feed_document(std::string_view bytes);
  model_result<answer_parts> finish_events();
  model_result<answer_parts> finish_lines();

  std::unique_ptr<answer_documents> documents_;
  sse_parser events_;
  std::string rest_;  // a document so far, a line that has begun, or bytes of a form not known yet
  answer_form form_ = answer_form::unknown;
  answer_form braced_;
  bool is_over_ = false;
  std::string_view too_long_;  // what was
};

}  // namespace persona_runtime
