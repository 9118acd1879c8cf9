#pragma once
// Who shares a key at an endpoint.

#include "actors/model_actor.hpp"
#include "domain/tier/tier_table.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime {

/// One model of a tier, ready to be called.
struct tier_member {
  model_entry model;
  std::shared_ptr<chat_provider> provider;
  call_timeouts timeouts;
  std::string account{};  // members with the same one share a key at an endpoint; empty: all of the
                          // same provider do
};

/// One key at one endpoint, as tiers see it: who sends its calls, and how its models are doing.
/// Thread-safe; shared by all tiers, and by later tables that name the same account. Ends its actor
/// when nobody has it any more.
class model_account {
public:
  explicit model_account(std::function<model_actor()> spawn);
  ~model_account();
  model_account(const model_account&) = delete;
  model_account& operator=(const model_account&) = delete;

  [[nodiscard]] model_actor actor() const;

  /// `dead` is: another takes its place, once, and knows nothing of what was.
  void replace(const caf::actor_addr& dead);

  /// Of that model; always the same one.
  [[nodiscard]] std::shared_ptr<model_signal> signal(const std::string& model);

  using signals = std::map<std::string, std::shared_ptr<model_signal>>;
  [[nodiscard]] signals all_signals() const;

private:
  mutable std::mutex mutex_;  // of all
  std::function<model_actor()> spawn_;
  model_actor actor_;
  signals signals_;  // by model; of those that were ever configured with this key
};

/// All accounts that somebody has, found by name. Thread-safe.
class model_accounts {
public:
  using spawner = std::function<model_actor(const std::string& provider)>;

  explicit model_accounts(spawner spawn) : spawn_{std::move(spawn)} {}
  model_accounts(const model_accounts&) = delete;
  model_accounts& operator=(const model_accounts&) = delete;

  /// That of `member`; made when there is none yet.
  [[nodiscard]] std::shared_ptr<model_account> of(const tier_member& member);

  struct named_account {
    std::string provider;
    std::shared_ptr<model_account> account;
  };
  [[nodiscard]] std::vector<named_account> all() const;

private:
  struct entry {
    std::string provider;
    std::weak_ptr<model_account> account;
  };
  mutable std::mutex mutex_;  // of the map
  spawner spawn_;
  std::map<std::string, entry> accounts_;
};

/// How the members of each tier are doing, for those who choose one. Swapped as a whole when the
/// configuration is read again. Thread-safe.
class health_board {
public:
  /// By tier, in the order of its members.
  using shown = std::map<std::string, std::vector<std::shared_ptr<model_signal>>, std::less<>>;

  void put(std::shared_ptr<const shown> next) { now_.store(std::move(next)); }
  /// Also a member that the board does not know yet.
  [[nodiscard]] bool is_up(std::string_view tier, std::uint32_t member, instant now) const;

private:
  std::atomic<std::shared_ptr<const shown>> now_{std::make_shared<const shown>()};
};

}  // namespace persona_runtime
