#pragma once
// Models behind HTTP, whatever protocol they speak.

#include "providers/chat/chat_provider.hpp"
#include "providers/chat/chat_wire.hpp"
#include "providers/http/http_client.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace persona_runtime {

/// What such a provider needs of its surroundings. Called on any thread.
struct chat_surroundings {
  std::shared_ptr<http_client> client;
  /// Counts a text as a message of that role.
  std::function<message_size(role, std::string_view)> count;
  std::function<std::chrono::steady_clock::time_point()> now = &std::chrono::steady_clock::now;
};

/// `done` and the sink are called on the client's thread. Usage that the endpoint does not report
/// is estimated.
[[nodiscard]] std::unique_ptr<chat_provider>
make_http_chat_provider(std::shared_ptr<const chat_wire> wire, chat_surroundings around);

/// `base` (or `standard` when it is empty) with `path` behind it; provider_error when that is no
/// URL that can be called.
[[nodiscard]] model_result<std::string> endpoint_url(std::string_view provider, std::string base,
                                                     std::string_view standard,
                                                     std::string_view path);

}  // namespace persona_runtime
