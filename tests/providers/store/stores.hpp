#pragma once
// The stores that have to keep the same contract.

#include "providers/store/memory_store.hpp"
#include "providers/store/sqlite_store.hpp"
#include "tests/support/fault_store.hpp"
#include "tests/support/scratch_directory.hpp"

#include <string>

namespace persona_runtime::testing {

// For GENERATE: the names of all kinds.
#define EVERY_STORE values<std::string>({"memory", "sqlite", "sqlite process", "wrapped"})

/// A store of one kind, with the directory that it lies in.
class store_under_test {
public:
  explicit store_under_test(const std::string& kind) {
    auto settings = sqlite_settings{};
    settings.directory = directory_.path() / "data";
    settings.level = kind == "sqlite" ? durability::full : durability::process;
    if (kind == "memory") {
      store_ = make_memory_store();
    } else {
      store_ = open_sqlite_store(settings).value();
    }
    if (kind == "wrapped")
      store_ = std::make_unique<fault_store>(std::move(store_));
  }

  journal_store& operator*() { return *store_; }
  journal_store* operator->() { return store_.get(); }

private:
  scratch_directory directory_;
  std::unique_ptr<journal_store> store_;
};

inline constexpr auto committed = append_verdict::committed;

/// Appends one and says what became of it.
inline append_verdict put(journal_store& store, const journal_append& append) {
  return store.append({&append, 1}).value().at(0);
}

}  // namespace persona_runtime::testing
