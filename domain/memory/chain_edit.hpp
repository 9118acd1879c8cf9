#pragma once
// Chains while one request changes them: later drafts see earlier ones. For sources of this folder.

#include "domain/memory/write.hpp"

#include <map>
#include <optional>
#include <set>

namespace persona_runtime {

/// None: all drafts are within their bounds.
[[nodiscard]] std::optional<memory_refusal> check_drafts(const std::vector<memory_draft>& drafts);

class chain_edit {
public:
  /// Both must outlive this.
  chain_edit(const memory_request& request, const memory_chains& before)
    : request_{request}, before_{before} {}

  /// A further version of `chain`, or the first of a new one; `chain` empty: named by its id.
  [[nodiscard]] std::optional<memory_refusal> add(const memory_draft& draft,
                                                  const std::string& chain, bool from_document);
  /// Ends a chain that has not ended. False: there is none of that name.
  bool retire(const std::string& chain, bool from_document);

  /// Links and chunks so far; without removals and audit.
  [[nodiscard]] memory_rows take() { return std::move(rows_); }

private:
  /// Where a chain stands, those of this request counted. Version 0: there is none.
  struct tip {
    std::uint32_t version = 0;
    bool retired = false;
    bool ours = false;  // the newest version is of this request: rows_.added[added]
    std::size_t added = 0;
    std::string id{};  // of the newest version
    std::string key{};
  };

  tip& tip_of(const std::string& chain);
  void follow(tip& at, const std::string& chain, memory_chunk chunk);
  [[nodiscard]] memory_provenance next_provenance(const std::string& chain, const tip& at) const;

  const memory_request& request_;
  const memory_chains& before_;
  memory_rows rows_;
  std::map<std::string, tip> tips_;
  std::set<std::string> ids_;  // of rows_.added
};

}  // namespace persona_runtime
