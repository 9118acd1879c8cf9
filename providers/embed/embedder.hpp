#pragma once
// Texts as points: near each other when they are alike.

#include "domain/failure.hpp"
#include "providers/pending_call.hpp"
#include "providers/store/chunk_store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// One vector per text, in order, each of length 1 (or all zeros for a text that says nothing).
using embeddings = std::vector<embedding>;
using embeddings_callback = std::function<void(result<embeddings>)>;

/// Makes vectors. Thread-safe. The same text always gives the same vector as long as the name is
/// the same; vectors of different names are never compared.
class embedder {
public:
  virtual ~embedder() = default;

  /// Recorded with every vector, e.g. "hashed-1/256", "http/bge-small-en-v1.5".
  [[nodiscard]] virtual const std::string& name() const = 0;

  /// At most this many texts in one call.
  [[nodiscard]] virtual std::size_t texts_max() const = 0;

  /// Calls `done` once: before it returns, on the caller's thread, if is_immediate(), and then
  /// never with a failure; else later, on a thread of its own. No texts give no vectors and ask
  /// nobody. @errors model_unavailable: the endpoint failed, was late or answered something else
  [[nodiscard]] virtual std::unique_ptr<pending_call> encode(std::vector<std::string> texts,
                                                             std::chrono::milliseconds time_limit,
                                                             embeddings_callback done) = 0;
  /// Whether it computes on the spot: microseconds per text.
  [[nodiscard]] virtual bool is_immediate() const = 0;
};

/// Scales to length 1; zeros stay.
void normalise(embedding& vector);

}  // namespace persona_runtime
