#pragma once
// Appends and rows as runs write them, and a comparison of what two stores hold.

#include "providers/store/journal_store.hpp"

#include <string>
#include <utility>
#include <vector>

namespace persona_runtime::testing {

inline run_row a_run_row(const std::string& run, const std::string& key = "") {
  auto row = run_row{};
  row.run = {run};
  row.owner = {"local-owner"};
  row.persona = {"persona_harbour"};
  row.idempotency_key = key;
  row.request_hash = key.empty() ? "" : "hash of the request";
  row.started_at = {1'700'000'000'000};
  row.summary = shared_text{R"({"task":"count the berths"})"};
  return row;
}

/// A run that writes one append after the other.
class journal_script {
public:
  explicit journal_script(std::string run, std::string key = "")
    : row_{a_run_row(run, key)}, run_{std::move(run)} {}

  run_row& row() { return row_; }
  incarnation life;

  /// The next append; the first one brings the run's row.
  journal_append next(std::uint32_t records = 2, std::uint32_t events = 1,
                      const std::string& text = "") {
    auto append = journal_append{};
    append.run = {run_};
    append.life = life;
    append.pos = std::exchange(pos_, pos_ + records);
    append.records = records;
    append.seq = {std::exchange(seq_, seq_ + events)};
    append.events = events;
    auto body = std::string{};
    for (auto i = std::uint32_t{0}; i < records; ++i)
      body += R"({"pos":)" + std::to_string(append.pos + i) + R"(,"text":")" + text + "\"}\n";
    append.body = shared_text{std::move(body)};
    if (append.pos == 0)
      append.row = row_;
    return append;
  }

  /// The next append, which also changes the status.
  journal_append turn(run_status status) {
    auto append = next();
    row_.status = status;
    if (is_terminal(status))
      row_.finished_at = instant{row_.started_at.value + 5'000};
    row_.summary = shared_text{R"({"status":")" + std::string{name_of(status)} + "\"}"};
    append.row = row_;
    return append;
  }

private:
  run_row row_;
  std::string run_;
  std::uint64_t pos_ = 0;
  std::uint64_t seq_ = 0;
};

/// What reading gives back of an append.
inline journal_append as_read(journal_append append) {
  append.row.reset();
  append.contents.clear();
  append.memory.clear();
  return append;
}

/// Everything that a store says of these runs; two stores that hold the same say the same.
struct journal_picture {
  std::vector<std::vector<journal_append>> journals;
  std::vector<run_row> listed;
  std::vector<run_row> unfinished;
  friend bool operator==(const journal_picture&, const journal_picture&) = default;
};

inline journal_picture picture_of(journal_reader& store, const std::vector<std::string>& runs) {
  auto picture = journal_picture{};
  for (const auto& run : runs)
    picture.journals.push_back(store.read_run({run}).value());
  auto all = run_filter{};
  all.limit = 200;
  picture.listed = store.list_runs(all).value();
  picture.unfinished = store.unfinished_runs(0, 1'000).value();
  return picture;
}

}  // namespace persona_runtime::testing
