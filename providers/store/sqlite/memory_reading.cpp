#include "providers/store/sqlite/memory_reading.hpp"

#include "providers/store/sqlite/memory_queries.hpp"

#include <utility>

namespace persona_runtime::sqlite {
namespace {

class memory_reading final : public chunk_reader {
public:
  memory_reading(std::string path, std::string vfs)
    : path_{std::move(path)}, vfs_{std::move(vfs)} {}

  result<std::vector<indexed_chunk>> read_heads(const memory_place& place,
                                                const std::string& embedder, std::int64_t after,
                                                std::uint32_t limit) override {
    return ask([&](memory_queries& q) { return q.read_heads(place, embedder, after, limit); });
  }
  result<std::vector<indexed_chunk>> read_heads_of(const memory_place& place,
                                                   const std::string& embedder,
                                                   std::span<const std::int64_t> rows) override {
    return ask([&](memory_queries& q) { return q.read_heads_of(place, embedder, rows); });
  }
  result<std::vector<memory_chunk>> read_chunks(std::span<const std::int64_t> rows) override {
    return ask([&](memory_queries& q) { return q.read_chunks(rows); });
  }
  result<std::vector<memory_chunk>> recent(const memory_place& place,
                                           std::uint32_t limit) override {
    return ask([&](memory_queries& q) { return q.recent(place, limit); });
  }
  result<std::vector<memory_chunk>> list_chunks(const chunk_filter& filter) override {
    return ask([&](memory_queries& q) { return q.list_chunks(filter); });
  }
  result<std::vector<memory_chunk>> history(const memory_place& place,
                                            const std::string& logical_id) override {
    return ask([&](memory_queries& q) { return q.history(place, logical_id); });
  }
  result<std::vector<std::int64_t>> search_words(const memory_place& place,
                                                 const word_search& what) override {
    return ask([&](memory_queries& q) { return q.search_words(place, what); });
  }
  result<std::vector<memory_audit>> read_audit(const persona_id& persona,
                                               const std::optional<memory_scope>& scope,
                                               const audit_filter& filter, std::uint32_t limit,
                                               std::uint64_t offset) override {
    return ask(
      [&](memory_queries& q) { return q.read_audit(persona, scope, filter, limit, offset); });
  }
  result<std::vector<memory_scope>> list_scopes(const persona_id& persona) override {
    return ask([&](memory_queries& q) { return q.list_scopes(persona); });
  }
  result<std::vector<memory_scope>> list_filled_scopes() override {
    return ask([](memory_queries& q) { return q.list_filled_scopes(); });
  }
  result<std::vector<waiting_chunk>> read_waiting(std::uint32_t limit) override {
    return ask([&](memory_queries& q) { return q.read_waiting(limit); });
  }

private:
  /// Each question in a read transaction of its own.
  template <class Question>
  auto ask(const Question& question)
    -> result<decltype(question(std::declval<memory_queries&>()))> {
    try {
      if (!db_)
        db_.emplace(path_, access::read_only, vfs_);
      if (!queries_)
        queries_.emplace(*db_);
      auto step = transaction{*db_, transaction::kind::read};
      return question(*queries_);
    } catch (const sqlite_error& error) {
      return failure_of(error, path_);
    }
  }

  std::string path_;
  std::string vfs_;
  std::optional<connection> db_;
  std::optional<memory_queries> queries_;
};

}  // namespace

std::unique_ptr<chunk_reader> open_memory_reader(std::string path, std::string vfs) {
  return std::make_unique<memory_reading>(std::move(path), std::move(vfs));
}

}  // namespace persona_runtime::sqlite
