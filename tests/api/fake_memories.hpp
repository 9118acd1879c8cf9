#pragma once
// What personas remember, in front of nothing: says what it was asked.

#include "api/memory_backend.hpp"

#include <mutex>
#include <string>

namespace persona_runtime {

class fake_memories final : public memory_backend {
public:
  /// What the next calls fail with; none: they work.
  void fail_with(std::optional<failure> f) {
    const auto lock = std::lock_guard{mutex_};
    failure_ = std::move(f);
  }
  /// The last request: a word for its kind, then its parts.
  [[nodiscard]] std::string last() {
    const auto lock = std::lock_guard{mutex_};
    return last_;
  }

  void list_memory(const caller& who, const memory_query& query,
                   on_done<std::string> done) override {
    answer("list " + parts(who, query.filter) + " name=" + query.name
             + (query.with_past ? " all" : "") + " limit=" + std::to_string(query.limit)
             + " offset=" + std::to_string(query.from.offset),
           R"({"items":[],"next_cursor":null})", done);
  }
  /// Knows every chain but "nobody".
  void roll_back_memory(const caller& who, const memory_rollback& what,
                        on_done<std::optional<std::string>> done) override {
    if (what.name == "nobody")
      return done(std::optional<std::string>{});
    answer("rollback " + parts(who, what.filter) + " name=" + what.name
             + " to=" + std::to_string(what.to_version),
           std::optional<std::string>{R"({"id":"home::v0003"})"}, done);
  }
  void purge_memory(const caller& who, const memory_filter& what,
                    on_done<std::string> done) override {
    answer("purge " + parts(who, what), R"({"chunks":7,"scopes":2})", done);
  }
  void list_audit(const caller& who, const audit_query& query, on_done<std::string> done) override {
    const auto& filter = query.filter;
    answer("audit " + who.owner.value + (filter.since ? " since" : "")
             + (filter.action ? " " + std::string{name_of(*filter.action)} : "")
             + (filter.source ? " " + std::string{name_of(*filter.source)} : "")
             + (filter.store ? " " + std::string{name_of(*filter.store)} : "")
             + " offset=" + std::to_string(query.offset),
           R"({"items":[],"next_offset":null})", done);
  }

private:
  static std::string parts(const caller& who, const memory_filter& filter) {
    return who.owner.value + " " + filter.persona.value + " owner=" + filter.owner + " user="
           + filter.user + (filter.store ? " store=" + std::string{name_of(*filter.store)} : "");
  }
  template <class Text, class T>
  void answer(std::string asked, Text text, const on_done<T>& done) {
    auto why = std::optional<failure>{};
    {
      const auto lock = std::lock_guard{mutex_};
      last_ = std::move(asked);
      why = failure_;
    }
    if (why)
      done(*why);
    else
      done(T{std::move(text)});
  }

  std::mutex mutex_;
  std::optional<failure> failure_;
  std::string last_;
};

}  // namespace persona_runtime
