#include "bootstrap/cli/memory_access.hpp"

namespace persona_runtime::cli {
namespace {

constexpr auto rows_page = std::uint32_t{500};

class store_memory final : public memory_access {
public:
  store_memory(journal_store& store, instant now)
    : store_{store}, reader_{store.open_chunk_reader()}, now_{now} {}

  result<void> list(const memory_filter& filter, bool with_past, const on_chunk& each) override {
    const auto places = places_for(filter);
    if (!places)
      return places.error();
    for (const auto& place : *places) {
      if (const auto done = list_place(place, with_past, each); !done)
        return done;
    }
    return {};
  }

  result<std::vector<placed_chunk>> history(const memory_filter& filter,
                                            const std::string& name) override {
    const auto places = places_for(filter);
    if (!places)
      return places.error();
    auto out = std::vector<placed_chunk>{};
    for (const auto& place : *places) {
      auto chain = reader_->history(place, name);
      if (!chain)
        return chain.error();
      for (auto& chunk : *chain)
        out.push_back({place, std::move(chunk)});
      if (!out.empty())
        break;
    }
    return out;
  }

  result<std::optional<std::string>> roll_back(const memory_filter& filter, const std::string& name,
                                               std::uint32_t to_version) override {
    const auto chain = history(filter, name);
    if (!chain)
      return chain.error();
    if (chain->empty())
      return std::optional<std::string>{};
    const auto request =
      rollback_of(chain->front().place, name, to_version, "persona memory rollback", now_);
    const auto done = store_.write_memory({&request, 1});
    if (!done)
      return done.error();
    if (done->front().refusal)
      return to_failure(*done->front().refusal);
    return std::optional{done->front().chunk_ids.front()};
  }

  result<memory_purged> purge(const memory_filter& filter) override {
    return store_.purge_memory(purge_of(filter, "persona memory purge", now_));
  }

  result<void> audit(const persona_id& persona, const audit_filter& filter,
                     const on_event& each) override {
    for (auto offset = std::uint64_t{0};; offset += rows_page) {
      const auto events = reader_->read_audit(persona, std::nullopt, filter, rows_page, offset);
      if (!events)
        return events.error();
      for (const auto& event : *events)
        each(event);
      if (events->size() < rows_page)
        return {};
    }
  }

private:
  result<std::vector<memory_place>> places_for(const memory_filter& filter) {
    const auto scopes = reader_->list_scopes(filter.persona);
    if (!scopes)
      return scopes.error();
    return places_of(*scopes, filter);
  }

  result<void> list_place(const memory_place& place, bool with_past, const on_chunk& each) {
    for (auto filter = chunk_filter{place, with_past, rows_page, 0};; filter.offset += rows_page) {
      const auto chunks = reader_->list_chunks(filter);
      if (!chunks)
        return chunks.error();
      for (const auto& chunk : *chunks)
        each({place, chunk});
      if (chunks->size() < rows_page)
        return {};
    }
  }

  journal_store& store_;
  std::unique_ptr<chunk_reader> reader_;
  instant now_;
};

}  // namespace

std::unique_ptr<memory_access> memory_in_store(journal_store& store, instant now) {
  return std::make_unique<store_memory>(store, now);
}

}  // namespace persona_runtime::cli
