#pragma once
#include "providers/chat/answer_reader.hpp"
#include "providers/http/http_client.hpp"

#include <memory>
#include <string_view>

namespace persona_runtime {

/// How one vendor's protocol is spoken to one model at one endpoint. Immutable, used from any
/// thread; what happens on the connection is http_chat's.
class chat_wire {
public:
  virtual ~chat_wire() = default;

  /// As configured: in errors and logs.
  [[nodiscard]] virtual std::string_view provider() const = 0;
  [[nodiscard]] virtual std::string_view model() const = 0;

  /// False: the endpoint is never offered tools; the model is asked for calls in words, and its
  /// answer is searched for them.
  [[nodiscard]] virtual bool native_tools() const = 0;

  /// Method, URL, headers and body. Times and bounds are the caller's to set.
  [[nodiscard]] virtual http_request to_http(const chat_request& request) const = 0;
  /// For the body of one 200. `sink` may be null and outlives the reader.
  [[nodiscard]] virtual std::unique_ptr<answer_reader> read_answer(std::string_view content_type,
                                                                   text_sink* sink) const = 0;
};

}  // namespace persona_runtime
