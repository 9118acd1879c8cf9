#pragma once
// Calls at the outside and who waits for them. A call that is not in here is over: whatever
// still comes back for it is dropped.

#include "domain/ids.hpp"
#include "providers/pending_call.hpp"

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace persona_runtime {

struct call_key {
  identity call;
  call_index index;
  friend auto operator<=>(const call_key&, const call_key&) = default;
};

/// A call that was over before it began.
struct ended_call final : pending_call {
  void cancel() noexcept override {}
};

/// Asker is what the reply is for, in production an actor handle. Ending the table cancels all
/// calls that are left in it.
template <class Asker>
class call_table {
public:
  call_table() = default;
  call_table(const call_table&) = delete;
  call_table& operator=(const call_table&) = delete;
  ~call_table() {
    for (auto& [key, waiting] : calls_)
      waiting.call->cancel();
  }

  std::size_t size() const { return calls_.size(); }

  void admit(const call_key& key, Asker asker, std::unique_ptr<pending_call> call) {
    calls_.insert_or_assign(key, entry{std::move(asker), std::move(call)});
  }

  /// Ends a call that has its reply. None: it was cancelled or has been answered before.
  std::optional<Asker> take(const call_key& key) {
    auto found = calls_.extract(key);
    return found.empty() ? std::nullopt : std::optional{std::move(found.mapped().asker)};
  }

  /// Cancels one call. None: it is over already.
  std::optional<Asker> abort(const call_key& key) {
    auto found = calls_.extract(key);
    if (found.empty())
      return std::nullopt;
    found.mapped().call->cancel();
    return std::move(found.mapped().asker);
  }

  /// Cancels all calls of `run` up to and including incarnation `life`; returns them.
  std::vector<std::pair<call_key, Asker>> cancel(const run_id& run, incarnation life) {
    auto cancelled = std::vector<std::pair<call_key, Asker>>{};
    auto i = calls_.lower_bound({{run, {}, {}, {}}, {}});
    while (i != calls_.end() && i->first.call.run == run && i->first.call.life <= life) {
      i->second.call->cancel();
      cancelled.emplace_back(i->first, std::move(i->second.asker));
      i = calls_.erase(i);
    }
    return cancelled;
  }

private:
  struct entry {
    Asker asker;
    std::unique_ptr<pending_call> call;
  };
  std::map<call_key, entry> calls_;
};

}  // namespace persona_runtime
