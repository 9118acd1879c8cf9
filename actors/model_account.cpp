#include "actors/model_account.hpp"

#include <caf/send.hpp>

#include <utility>

namespace persona_runtime {

model_account::model_account(std::function<model_actor()> spawn)
  : spawn_{std::move(spawn)}, actor_{spawn_()} {
}

model_account::~model_account() {
  caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
}

model_actor model_account::actor() const {
  const auto lock = std::lock_guard{mutex_};
  return actor_;
}

void model_account::replace(const caf::actor_addr& dead) {
  const auto lock = std::lock_guard{mutex_};
  if (actor_.address() != dead)
    return;
  for (const auto& [model, signal] : signals_) {
    signal->close_until({0});
    signal->show(breaker_state::closed, 0);
  }
  actor_ = spawn_();
}

std::shared_ptr<model_signal> model_account::signal(const std::string& model) {
  const auto lock = std::lock_guard{mutex_};
  auto& found = signals_[model];
  if (!found)
    found = std::make_shared<model_signal>();
  return found;
}

model_account::signals model_account::all_signals() const {
  const auto lock = std::lock_guard{mutex_};
  return signals_;
}

std::shared_ptr<model_account> model_accounts::of(const tier_member& member) {
  const auto& provider = member.model.provider;
  const auto lock = std::lock_guard{mutex_};
  std::erase_if(accounts_, [](const auto& each) { return each.second.account.expired(); });
  auto& found = accounts_[member.account.empty() ? provider : member.account];
  auto account = found.account.lock();
  if (!account) {
    account =
      std::make_shared<model_account>([spawn = spawn_, provider] { return spawn(provider); });
    found = {provider, account};
  }
  return account;
}

std::vector<model_accounts::named_account> model_accounts::all() const {
  const auto lock = std::lock_guard{mutex_};
  auto list = std::vector<named_account>{};
  for (const auto& [name, each] : accounts_) {
    if (auto account = each.account.lock())
      list.push_back({each.provider, std::move(account)});
  }
  return list;
}

bool health_board::is_up(std::string_view tier, std::uint32_t member, instant now) const {
  const auto board = now_.load(std::memory_order_acquire);
  const auto found = board->find(tier);
  return found == board->end() || member >= found->second.size()
         || found->second[member]->is_up(now);
}

}  // namespace persona_runtime
