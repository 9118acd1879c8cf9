// What remembering costs: the time of a hybrid search and of its vector half, and how many of the
// nearest the graph finds, beside an exact scan. A program to run by hand:
//
//   memory_bench DIRECTORY [CHUNKS…]
//
// Times of searches are processor time, which others on the machine do not change much; the wall
// clock stands beside it. Without numbers it plays 500 and 100,000 chunks, the rows of the table in
// docs/memory.md.

#include "actors/memory_recall.hpp"
#include "domain/text/ulid.hpp"
#include "providers/embed/hashed_embedder.hpp"
#include "providers/store/sqlite_store.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <time.h>
#include <vector>

using namespace persona_runtime;

namespace {

using clock_type = std::chrono::steady_clock;

constexpr auto words_known = std::size_t{30'000};
constexpr auto questions = std::size_t{1'000};
constexpr auto now = instant{1'790'000'000'000};

/// Processor time of this thread: what a search takes when nobody else wants the processor.
double processor_micros() {
  auto used = timespec{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

double micros_since(clock_type::time_point begin) {
  return std::chrono::duration<double, std::micro>(clock_type::now() - begin).count();
}

double at(std::vector<double>& times, double share) {
  std::ranges::sort(times);
  return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

/// Sentences of made-up words, some of them far more frequent than others, as in a language.
class writer_of_texts {
public:
  writer_of_texts() {
    constexpr auto syllables = std::array{"ka",  "ri",   "so",  "ten", "mol", "vik", "dra", "ne",
                                          "lus", "fjor", "bær", "ing", "tor", "øy",  "sta", "el"};
    for (auto i = std::size_t{0}; i < words_known; ++i) {
      auto word = std::string{};
      for (auto rest = i + 17; rest > 0; rest /= syllables.size())
        word += syllables[rest % syllables.size()];
      words_.push_back(word);
    }
  }
  std::string word() {
    // Zipf's law: the rank is what a uniform number is the logarithm of.
    const auto rank = std::exp(uniform_(random_) * std::log(static_cast<double>(words_known)));
    return words_[std::min(words_known - 1, static_cast<std::size_t>(rank))];
  }
  std::string sentence() {
    auto text = std::string{};
    for (auto i = 8 + random_() % 14; i > 0; --i)
      text += word() + (i > 1 ? " " : ".");
    return text;
  }
  /// A few words of a text, one of them in another form, and one of no text.
  std::string question_about(const std::string& text) {
    auto known = memory_terms(text);
    std::ranges::shuffle(known, random_);
    auto out = std::string{};
    for (auto i = std::size_t{0}; i < std::min<std::size_t>(4, known.size()); ++i)
      out += known[i] + (i == 0 ? "ene " : " ");
    return out + word();
  }
  std::size_t below(std::size_t count) { return random_() % count; }

private:
  std::vector<std::string> words_;
  std::mt19937_64 random_{20'261'121};
  std::uniform_real_distribution<double> uniform_{0, 1};
};

std::string next_ulid() {
  static auto count = std::uint64_t{0};
  auto random = std::array<std::uint8_t, 10>{};
  const auto number = ++count;
  for (auto i = std::size_t{0}; i < 8; ++i)
    random[9 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return ulid(now, random);
}

std::vector<std::string> fill(journal_store& store, const memory_place& place, std::size_t chunks,
                              writer_of_texts& texts) {
  auto all = std::vector<std::string>{};
  while (all.size() < chunks) {
    auto request = memory_request{place, {}, {}};
    request.author.source = memory_source::system;
    request.author.at = now;
    auto drafts = std::vector<memory_draft>{};
    for (auto i = std::size_t{0}; i < 500 && all.size() < chunks; ++i) {
      auto draft = memory_draft{};
      draft.text = texts.sentence();
      draft.ulid = next_ulid();
      draft.created_at = {now.value - static_cast<std::int64_t>(texts.below(90)) * 86'400'000};
      all.push_back(draft.text);
      drafts.push_back(std::move(draft));
    }
    request.change = write_memory{std::move(drafts)};
    if (const auto done = store.write_memory({&request, 1}); !done || done->at(0).refusal)
      std::exit(1);
  }
  return all;
}

struct halves {
  std::vector<double> exact;
  std::vector<double> indexed;
  std::size_t found = 0;
  std::size_t wanted = 0;
};

/// The vector half: the graph beside the scan of everything.
halves compare_indexes(const std::vector<std::string>& texts,
                       const std::vector<std::string>& asked) {
  auto exact = make_exact_index();
  auto indexed = make_vector_index();
  for (auto i = std::size_t{0}; i < texts.size(); ++i) {
    const auto vector = hashed_vector(texts[i]);
    exact->add(static_cast<std::int64_t>(i + 1), vector);
    indexed->add(static_cast<std::int64_t>(i + 1), vector);
  }
  const auto begin = clock_type::now();
  while (indexed->prepare(1'000)) {
  }
  std::printf("  index of %zu vectors built in %.1f s, %.1f MB\n", texts.size(),
              micros_since(begin) / 1e6, static_cast<double>(indexed->bytes()) / 1e6);
  auto out = halves{};
  for (const auto& question : asked) {
    const auto query = hashed_vector(question);
    auto start = processor_micros();
    const auto want = exact->nearest(query, 3);
    out.exact.push_back(processor_micros() - start);
    start = processor_micros();
    const auto got = indexed->nearest(query, 3);
    out.indexed.push_back(processor_micros() - start);
    // Equally near ones are equally right.
    for (const auto& one : got)
      out.found += !want.empty() && one.similarity >= want.back().similarity - 1e-6F ? 1 : 0;
    out.wanted += want.size();
  }
  return out;
}

void play(const std::filesystem::path& directory, std::size_t chunks) {
  std::filesystem::remove_all(directory / "memory_bench");
  auto settings = sqlite_settings{};
  settings.directory = directory / "memory_bench";
  settings.level = durability::process;
  auto store = std::move(open_sqlite_store(settings).value());
  auto texts = writer_of_texts{};
  const auto place =
    memory_place{talk_scope({"persona_1"}, {"ops"}, "kari"), memory_store_kind::episodic};
  std::printf("%zu chunks\n", chunks);
  const auto begin = clock_type::now();
  const auto all = fill(*store, place, chunks, texts);
  std::printf("  written in %.1f s\n", micros_since(begin) / 1e6);

  auto asked = std::vector<std::string>{};
  for (auto i = std::size_t{0}; i < questions; ++i)
    asked.push_back(texts.question_about(all[texts.below(all.size())]));
  auto half = compare_indexes(all, asked);
  std::printf(
    "  vector half: index p50 %.0f p99 %.0f us; exact p50 %.0f p99 %.0f us; recall@3 %.4f\n",
    at(half.indexed, 0.5), at(half.indexed, 0.99), at(half.exact, 0.5), at(half.exact, 0.99),
    static_cast<double>(half.found) / static_cast<double>(half.wanted));

  auto recalling = memory_recall_settings{};
  recalling.encode = [](const std::string& text) { return hashed_vector(text); };
  recalling.make_index = [] { return make_vector_index(); };
  auto recall = memory_recall{store->open_chunk_reader(), recalling};
  const auto loading = clock_type::now();
  (void)recall.recall(recall_request{place.scope, asked[0]}, hashed_vector(asked[0]), now);
  std::printf("  index read from the store in %.1f s\n", micros_since(loading) / 1e6);
  while (recall.prepare(1'000)) {
  }
  auto times = std::vector<double>{};
  auto elapsed = std::vector<double>{};
  auto words = std::vector<double>{};
  for (const auto& question : asked) {
    const auto begun = clock_type::now();
    auto start = processor_micros();
    (void)recall.recall(recall_request{place.scope, question}, hashed_vector(question), now);
    times.push_back(processor_micros() - start);
    elapsed.push_back(micros_since(begun));
    start = processor_micros();
    (void)recall.recall(recall_request{place.scope, question}, std::nullopt, now);
    words.push_back(processor_micros() - start);
  }
  std::printf("  hybrid top 3 by the wall clock: p50 %.0f p99 %.0f us\n", at(elapsed, 0.5),
              at(elapsed, 0.99));
  std::printf("  hybrid top 3: p50 %.0f p99 %.0f us; by words alone p50 %.0f p99 %.0f us\n",
              at(times, 0.5), at(times, 0.99), at(words, 0.5), at(words, 0.99));
  store.reset();
  std::filesystem::remove_all(directory / "memory_bench");
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fputs("usage: memory_bench DIRECTORY [CHUNKS...]\n", stderr);
    return 2;
  }
  if (count == 2) {
    play(arguments[1], 500);
    play(arguments[1], 100'000);
  }
  for (auto i = 2; i < count; ++i)
    play(arguments[1], static_cast<std::size_t>(std::strtoull(arguments[i], nullptr, 10)));
}
