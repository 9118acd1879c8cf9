// What an append costs: appends per second, processor time and bytes per append, for several
// numbers of live runs, sizes of a body and of a group. A program to run by hand:
//
//   store_bench DIRECTORY [LIVE_RUNS APPENDS GROUP BODY_BYTES]
//
// Without numbers it plays the rows of the table in docs/journal-format.md.

#include "providers/store/sqlite_store.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <sys/resource.h>
#include <vector>

using namespace persona_runtime;

namespace {

struct load {
  std::size_t live_runs;
  std::size_t appends;
  std::size_t group;
  std::size_t body_bytes;
};

struct reading {
  std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
  double processor_s = 0;
  double written = 0;  // bytes handed to the disk by this process
};

reading read_now() {
  auto now = reading{};
  auto used = rusage{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  now.processor_s = seconds(used.ru_utime) + seconds(used.ru_stime);
  auto io = std::ifstream{"/proc/self/io"};
  for (auto word = std::string{}; io >> word;)
    if (word == "write_bytes:")
      io >> now.written;
  return now;
}

struct live_run {
  journal_append next;
};

std::string name_of_run(std::size_t n) {
  auto text = std::to_string(n);
  return "run_" + std::string(26 - text.size(), '0') + text;
}

journal_append first_of(std::size_t n, const shared_text& body) {
  auto append = journal_append{};
  append.run = {name_of_run(n)};
  append.records = 3;
  append.events = 2;
  append.body = body;
  auto row = run_row{};
  row.run = append.run;
  row.owner = {"local-owner"};
  row.persona = {"persona_" + std::to_string(n % 100)};
  row.summary = shared_text{std::string(300, 's')};
  append.row = row;
  append.contents = {{std::string(64, 'a'), shared_text{std::string(2'000, 'p')}}};
  return append;
}

void move_on(journal_append& append) {
  append.row.reset();
  append.contents.clear();
  append.pos += append.records;
  append.seq.value += append.events;
}

[[noreturn]] void give_up(const failure& why) {
  std::fprintf(stderr, "%s\n", why.detail.c_str());
  std::exit(1);
}

void flush(journal_store& store, std::vector<journal_append>& batch) {
  if (const auto done = store.append(batch); !done)
    give_up(done.error());
  batch.clear();
}

void report(const char* what, const reading& a, const reading& b, std::size_t count) {
  const auto n = static_cast<double>(count);
  const auto took = std::chrono::duration<double>(b.at - a.at).count();
  std::printf("  %-22s %9.0f /s  %6.2f us processor  %7.0f bytes written each\n", what, n / took,
              (b.processor_s - a.processor_s) * 1e6 / n, (b.written - a.written) / n);
}

void play(const std::filesystem::path& directory, const load& wanted, durability level) {
  std::filesystem::remove_all(directory);
  auto settings = sqlite_settings{};
  settings.directory = directory;
  settings.level = level;
  auto opened = open_sqlite_store(settings);
  if (!opened)
    give_up(opened.error());
  auto store = std::move(*opened);
  std::printf("%zu live runs, %zu appends, groups of %zu, body %zu bytes, %s\n", wanted.live_runs,
              wanted.appends, wanted.group, wanted.body_bytes,
              level == durability::full ? "full" : "process");

  const auto body = shared_text{std::string(wanted.body_bytes, 'x')};
  auto runs = std::vector<live_run>{};
  auto batch = std::vector<journal_append>{};
  const auto begin = read_now();
  for (auto n = std::size_t{0}; n < wanted.live_runs; ++n) {
    runs.push_back({first_of(n, body)});
    batch.push_back(runs.back().next);
    move_on(runs.back().next);
    if (batch.size() >= 128)
      flush(*store, batch);
  }
  flush(*store, batch);
  const auto accepted = read_now();
  report("accepting a run", begin, accepted, wanted.live_runs);

  auto chance = std::mt19937_64{1};
  for (auto part = 0; part < 2; ++part) {
    const auto from = read_now();
    const auto half = wanted.appends / 2;
    for (auto i = std::size_t{0}; i < half; i += wanted.group) {
      for (auto g = std::size_t{0}; g < wanted.group; ++g) {
        auto& run = runs[chance() % runs.size()];
        batch.push_back(run.next);
        move_on(run.next);
      }
      flush(*store, batch);
    }
    report(part == 0 ? "append, first half" : "append, second half", from, read_now(), half);
  }
  const auto closing = read_now();
  store.reset();
  auto again = open_sqlite_store(settings);
  if (!again)
    give_up(again.error());
  std::printf("  closed and opened in %.0f ms\n",
              std::chrono::duration<double, std::milli>(read_now().at - closing.at).count());
  again->reset();
  std::filesystem::remove_all(directory);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 6) {
    std::fprintf(stderr, "usage: store_bench DIRECTORY [LIVE_RUNS APPENDS GROUP BODY_BYTES]\n");
    return 2;
  }
  const auto directory = std::filesystem::path{argv[1]} / "store-bench";
  if (argc == 6) {
    const auto number = [&](int i) { return static_cast<std::size_t>(std::atoll(argv[i])); };
    play(directory, {number(2), number(3), number(4), number(5)}, durability::full);
    return 0;
  }
  for (const auto& wanted : {load{10'000, 4'000, 1, 600}, load{10'000, 200'000, 128, 600},
                             load{10'000, 400'000, 1'000, 600}, load{10'000, 300'000, 64, 2'000},
                             load{100'000, 3'000'000, 128, 600}})
    play(directory, wanted, durability::full);
  play(directory, {10'000, 4'000, 1, 600}, durability::process);
  return 0;
}
