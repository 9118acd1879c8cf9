#pragma once
// Names to addresses, apart from connecting, so that the addresses can be looked at before.

#include "domain/failure.hpp"
#include "providers/tools/worker_pool.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace persona_runtime {

class host_resolver {
public:
  /// All addresses of a name as numeric text, at least one.
  using on_done = std::function<void(result<std::vector<std::string>>)>;

  virtual ~host_resolver() = default;

  /// Returns at once. Calls `done` once, on any thread, even from within. Failure:
  /// validation_error (no such name), overloaded (too many look-ups wait).
  virtual void resolve(std::string host, on_done done) = 0;
};

/// The system's resolver, on `pool`, because it blocks, for as long as the name servers let it
/// (normally 20 s at most). Give it a pool of its own: a slow name must not hold up tools.
[[nodiscard]] std::unique_ptr<host_resolver>
make_system_resolver(std::shared_ptr<worker_pool> pool);

}  // namespace persona_runtime
