// How fast texts are counted. Usage: tokenizer_bench [MEGABYTES]; prints one line per text.
// Under valgrind --tool=callgrind with a small size, "Collected" / bytes is instructions per byte.

#include "bootstrap/data_files.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>

using namespace persona_runtime;

namespace {

/// Sentences of English words with the usual marks; no two alike.
std::string prose(std::size_t bytes) {
  static constexpr const char* words[] = {
    "the",    "harbour", "of",      "a",        "master",  "keeps",    "every",     "berth",
    "and",    "in",      "weather", "remember", "that",    "ships",    "arriving",  "from",
    "Bergen", "with",    "timber",  "are",      "usually", "late",     "to",        "unload",
    "by",     "evening", "because", "cranes",   "were",    "repaired", "since",     "spring",
    "notes",  "it's",    "pilots",  "wouldn't", "between", "islands",  "lighthouse"};
  std::mt19937 random{7};
  std::string text;
  while (text.size() < bytes) {
    const std::size_t count = 6 + random() % 12;
    for (std::size_t i = 0; i < count; ++i) {
      text += i == 0 ? "" : (random() % 9 == 0 ? ", " : " ");
      text += words[random() % std::size(words)];
    }
    text += random() % 5 == 0 ? ".\n\n" : ". ";
  }
  text.resize(bytes);
  return text;
}

void measure(const tokenizer& counter, const char* name, const std::string& text) {
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t tokens = counter.count(text);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%-16s %9zu bytes %9zu tokens %8.2f ms %7.1f MB/s\n", name, text.size(), tokens,
              took.count() * 1e3, static_cast<double>(text.size()) / took.count() / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  const double megabytes = argc > 1 ? std::atof(argv[1]) : 20;
  const auto bytes = static_cast<std::size_t>(megabytes * 1e6);
  const auto begin = std::chrono::steady_clock::now();
  const auto counter = load_tokenizer(PERSONA_SOURCE_DIR "/config");
  if (!counter) {
    std::fprintf(stderr, "%s\n", counter.error().detail.c_str());
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("loading %.1f ms\n", took.count() * 1e3);
  measure(**counter, "english prose", prose(bytes));
  if (argc > 1)
    return 0;
  measure(**counter, "one letter", std::string(256u << 10, 'a'));
  measure(**counter, "random letters", [] {
    std::mt19937 random{3};
    std::string text(256u << 10, ' ');
    for (char& c : text)
      c = static_cast<char>('a' + random() % 26);
    return text;
  }());
  measure(**counter, "blanks", std::string(256u << 10, ' '));
}
