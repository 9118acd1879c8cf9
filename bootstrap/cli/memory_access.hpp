#pragma once
// What `persona memory` and `persona audit` work on: a data directory, or a server that uses it.

#include "bootstrap/cli/runs_command.hpp"
#include "domain/memory/listing.hpp"
#include "domain/memory/outcome.hpp"
#include "providers/store/journal_store.hpp"

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::cli {

/// Both implementations show the same things in the same order. All block; the text of a failure is
/// for the terminal.
class memory_access {
public:
  using on_chunk = std::function<void(const placed_chunk&)>;
  using on_event = std::function<void(const memory_audit&)>;

  virtual ~memory_access() = default;

  /// The newest versions, or with `with_past` all of them.
  [[nodiscard]] virtual result<void> list(const memory_filter& filter, bool with_past,
                                          const on_chunk& each) = 0;
  /// All versions of the first chain of this name; empty: there is none.
  [[nodiscard]] virtual result<std::vector<placed_chunk>> history(const memory_filter& filter,
                                                                  const std::string& name) = 0;
  /// The id of a further version that says what `to_version` said; none: there is no such chain.
  [[nodiscard]] virtual result<std::optional<std::string>>
  roll_back(const memory_filter& filter, const std::string& name, std::uint32_t to_version) = 0;
  /// Removes for good; the filter's store counts for nothing.
  [[nodiscard]] virtual result<memory_purged> purge(const memory_filter& filter) = 0;
  /// Oldest first.
  [[nodiscard]] virtual result<void> audit(const persona_id& persona, const audit_filter& filter,
                                           const on_event& each) = 0;
};

/// On a store that is open. It must outlive this.
[[nodiscard]] std::unique_ptr<memory_access> memory_in_store(journal_store& store, instant now);

/// At a server. Null when the options cannot be meant; `err` says which. `command`: how lines on
/// `err` begin.
[[nodiscard]] std::unique_ptr<memory_access>
memory_at_server(const runs_options& options, std::string_view command, std::ostream& err);

}  // namespace persona_runtime::cli
