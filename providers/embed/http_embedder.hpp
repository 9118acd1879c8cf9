#pragma once
// Embeddings from any endpoint that speaks OpenAI's `POST /v1/embeddings`.

#include "providers/embed/embedder.hpp"
#include "providers/http/http_client.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

struct http_embedder_options {
  std::string base_url;                      // "https://host/v1"; with or without a final slash
  std::string model;                         // as the endpoint calls it
  std::string api_key;                       // empty: none is sent
  std::optional<std::uint32_t> dimension{};  // asked for where the model has a choice
};

/// Its name is "http/MODEL", with "@DIMENSION" when one is asked for. Vectors are scaled to length
/// 1. Thread-safe; callbacks come on the client's thread.
[[nodiscard]] std::shared_ptr<embedder> make_http_embedder(http_embedder_options options,
                                                           std::shared_ptr<http_client> client);

/// The vectors in an answer, by index. @errors model_unavailable: not JSON, not `count` vectors of
/// one dimension (1..8'192) of finite numbers
[[nodiscard]] result<embeddings> read_embeddings(std::string_view json, std::size_t count);

}  // namespace persona_runtime
