#pragma once
// Drafts, requests and one store of one scope for tests of memory.

#include "domain/memory/chain_list.hpp"
#include "domain/memory/write.hpp"
#include "domain/text/ulid.hpp"

#include <string>
#include <utility>
#include <vector>

namespace persona_runtime::testing {

inline constexpr auto memory_noon = instant{1'790'000'000'000};
inline const auto reef = persona_id{"persona_reef"};

// What "ops" lets two people say to the reef.
inline const auto kari = talk_scope(reef, {"ops"}, "kari");
inline const auto ola = talk_scope(reef, {"ops"}, "ola");

inline memory_place a_place(memory_store_kind kind) {
  return {shared_scope(reef), kind};
}

/// ULIDs that rise and never come twice.
inline std::string next_ulid() {
  static auto count = std::uint64_t{0};
  auto random = std::array<std::uint8_t, 10>{};
  const auto now = ++count;
  for (auto i = std::size_t{0}; i < 8; ++i)
    random[9 - i] = static_cast<std::uint8_t>(now >> (8 * i));
  return ulid(memory_noon, random);
}

inline memory_draft a_draft(const std::string& text, memory_metadata metadata = {}) {
  auto draft = memory_draft{};
  draft.text = text;
  draft.metadata = std::move(metadata);
  draft.ulid = next_ulid();
  draft.created_at = memory_noon;
  return draft;
}

/// A draft with an id and a chain of the test's own.
inline memory_draft a_named_draft(const std::string& id, const std::string& chain,
                                  const std::string& text) {
  auto draft = a_draft(text);
  draft.id = id;
  draft.logical_id = chain;
  return draft;
}

inline memory_author by(memory_source source, bool force = false) {
  auto author = memory_author{};
  author.source = source;
  author.force = force;
  author.at = memory_noon;
  return author;
}

inline memory_request asking(memory_store_kind kind, memory_author author, memory_change change) {
  return {a_place(kind), std::move(author), std::move(change)};
}

/// A store to which the rules are applied, as the writer does it.
class memory_trial {
public:
  explicit memory_trial(memory_store_kind kind) : kind_{kind} {}

  memory_decision ask(memory_author author, memory_change change) {
    auto decided = decide_memory(asking(kind_, std::move(author), std::move(change)), list_);
    if (!decided)
      return decided;
    list_.apply(*decided, row_);
    if (decided->audit)
      audits_.push_back(*decided->audit);
    return decided;
  }
  memory_decision write(memory_author author, std::vector<memory_draft> drafts) {
    return ask(std::move(author), write_memory{std::move(drafts)});
  }
  [[nodiscard]] std::vector<std::string> heads() const {
    auto out = std::vector<std::string>{};
    for (const auto& chunk : list_.newest()) {
      if (is_head(chunk))
        out.push_back(chunk.text);
    }
    return out;
  }
  [[nodiscard]] const chain_list& list() const { return list_; }
  [[nodiscard]] const std::vector<memory_audit>& audits() const { return audits_; }

private:
  memory_store_kind kind_;
  chain_list list_;
  std::int64_t row_ = 1;
  std::vector<memory_audit> audits_;
};

}  // namespace persona_runtime::testing
