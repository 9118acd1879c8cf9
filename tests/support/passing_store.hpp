#pragma once
// A store that hands everything on, for stand-ins that change a call or two.

#include "tests/support/fault_store.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace persona_runtime::testing {

class passing_store : public faulty_reading<journal_store> {
public:
  explicit passing_store(std::unique_ptr<journal_store> inner)
    : faulty_reading{std::move(inner), std::make_shared<fault_plan>()} {}

  result<std::vector<append_verdict>> append(std::span<const journal_append> batch) override {
    return inner_->append(batch);
  }
  result<void> put_persona(const persona_row& row,
                           std::span<const memory_request> memory) override {
    return inner_->put_persona(row, memory);
  }
  result<void> delete_persona(const persona_id& id) override { return inner_->delete_persona(id); }
  result<void> delete_run(const run_id& run) override { return inner_->delete_run(run); }
  result<void> create_conversation(const conversation_row& row) override {
    return inner_->create_conversation(row);
  }
  result<void> fork_conversation(const conversation_fork& what) override {
    return inner_->fork_conversation(what);
  }
  result<void> change_conversation(const conversation_id& id,
                                   const conversation_change& change) override {
    return inner_->change_conversation(id, change);
  }
  result<void> delete_conversation(const conversation_id& id) override {
    return inner_->delete_conversation(id);
  }
  result<std::vector<memory_outcome>> write_memory(std::span<const memory_request> batch) override {
    return inner_->write_memory(batch);
  }
  result<void> put_vectors(const std::string& embedder,
                           std::span<const chunk_vector> vectors) override {
    return inner_->put_vectors(embedder, vectors);
  }
  result<std::uint64_t> queue_all_but(const std::string& embedder) override {
    return inner_->queue_all_but(embedder);
  }
  result<memory_purged> purge_memory(const memory_purge& what) override {
    return inner_->purge_memory(what);
  }
  result<void> add_usage(std::span<const usage_entry> usage) override {
    return inner_->add_usage(usage);
  }
  std::vector<memory_outcome> take_memory_changes() override {
    return inner_->take_memory_changes();
  }
  std::unique_ptr<journal_reader> open_reader() override { return inner_->open_reader(); }
  std::unique_ptr<chunk_reader> open_chunk_reader() override { return inner_->open_chunk_reader(); }
};

}  // namespace persona_runtime::testing
