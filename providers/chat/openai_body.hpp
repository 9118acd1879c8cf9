#pragma once
// The body of an OpenAI-shaped answer as bytes: a stream of events, or one JSON document.

#include "providers/chat/answer_reader.hpp"
#include "providers/chat/openai_answer.hpp"
#include "providers/http/sse_parser.hpp"

#include <string>
#include <string_view>

namespace persona_runtime {

/// Takes the bytes of a 200 in any pieces. One thread; stays where it is.
class openai_body final : public answer_reader {
public:
  /// `content_type` decides how the bytes are read; without a telling one their beginning does.
  openai_body(std::string provider, std::string model, std::string_view content_type,
              text_sink* sink);
  openai_body(const openai_body&) = delete;
  openai_body& operator=(const openai_body&) = delete;

  bool feed(std::string_view bytes) override;
  model_result<answer_parts> finish() override;
  bool has_begun() const override { return answer_.parts().has_begun(); }
  bool has_finished() const override { return answer_.parts().has_finished(); }
  bool is_done() const override { return answer_.parts().is_done(); }

private:
  enum class form : std::uint8_t { unknown, events, document, neither };

  void guess();
  bool add_event(const sse_event& event);
  bool feed_known(std::string_view bytes);

  std::string provider_;
  openai_answer answer_;
  sse_parser events_;
  std::string document_;  // a document so far, or the first bytes of a form not known yet
  form form_;
  bool is_over_ = false;
  bool too_long_ = false;
};

}  // namespace persona_runtime
