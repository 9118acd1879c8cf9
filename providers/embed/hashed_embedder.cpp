#include "providers/embed/hashed_embedder.hpp"

#include "domain/memory/terms.hpp"
#include "domain/text/utf8.hpp"

#include <cmath>
#include <cstdint>

namespace persona_runtime {
namespace {

constexpr auto text_bytes_max = std::size_t{8} << 10;
constexpr auto word_characters_max = std::size_t{32};
// Tried on the pairs of tests/providers/embed: what a whole word counts against its pieces.
constexpr auto word_weight = 1.0F;
constexpr auto stem_weight = 0.8F;
constexpr auto pair_weight = 0.4F;
constexpr auto pieces_weight = 1.2F;  // of all pieces of a word together
constexpr auto stem_characters = std::size_t{5};

std::uint64_t mixed(std::uint64_t hash) {
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53;
  return hash ^ hash >> 33;
}

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  auto hash = 0xcbf29ce484222325 ^ seed;
  for (const auto c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return mixed(hash);
}

void add(embedding& vector, std::uint64_t hash, float weight) {
  // Two places per feature: a collision then spoils half of it.
  for (auto i = 0; i < 2; ++i) {
    const auto at = static_cast<std::size_t>(hash >> 8 & 0xFFFF) % vector.size();
    vector[at] += (hash & 1) != 0 ? weight : -weight;
    hash = mixed(hash);
  }
}

/// Short words are mostly glue: they say what the sentence is like, not what it is about.
float importance_of(std::size_t characters) {
  return characters <= 2 ? 0.15F : characters == 3 ? 0.45F : characters == 4 ? 0.8F : 1.0F;
}

/// Where the characters of "^word$" begin; the end too.
std::vector<std::size_t> borders_of(std::string_view word) {
  auto out = std::vector<std::size_t>{};
  auto at = std::size_t{0};
  while (at < word.size() && out.size() < word_characters_max) {
    out.push_back(at);
    at += decode_at(word, at).bytes;
  }
  out.push_back(std::min(at, word.size()));
  return out;
}

void add_pieces(embedding& vector, std::string_view framed, const std::vector<std::size_t>& borders,
                float weight) {
  const auto characters = borders.size() - 1;
  auto count = std::size_t{0};
  for (auto length = std::size_t{3}; length <= 5; ++length)
    count += characters >= length ? characters - length + 1 : 0;
  if (count == 0)
    return;
  const auto each = weight / std::sqrt(static_cast<float>(count));
  for (auto length = std::size_t{3}; length <= 5; ++length) {
    for (auto i = std::size_t{0}; i + length <= characters; ++i) {
      const auto piece = framed.substr(borders[i], borders[i + length] - borders[i]);
      add(vector, hash_of(piece, length), each);
    }
  }
}

void add_word(embedding& vector, const std::string& word) {
  const auto framed = '^' + word + '$';
  const auto borders = borders_of(framed);
  const auto characters = borders.size() - 3;  // without the frame
  const auto weight = importance_of(characters);
  add(vector, hash_of(word, 101), weight * word_weight);
  if (characters > stem_characters) {
    const auto stem = std::string_view{framed}.substr(1, borders[stem_characters + 1] - 1);
    add(vector, hash_of(stem, 101), weight * stem_weight);
  }
  add_pieces(vector, framed, borders, weight * pieces_weight);
}

class no_call final : public pending_call {
public:
  void cancel() noexcept override {}
};

class hashed_embedder final : public embedder {
public:
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] std::size_t texts_max() const override { return 256; }
  [[nodiscard]] bool is_immediate() const override { return true; }
  [[nodiscard]] std::unique_ptr<pending_call> encode(std::vector<std::string> texts,
                                                     std::chrono::milliseconds,
                                                     embeddings_callback done) override {
    auto out = embeddings{};
    for (const auto& text : texts)
      out.push_back(hashed_vector(text));
    done(std::move(out));
    return std::make_unique<no_call>();
  }

private:
  std::string name_ = "hashed-1/" + std::to_string(hashed_dimension);
};

}  // namespace

embedding hashed_vector(std::string_view text) {
  auto vector = embedding(hashed_dimension, 0.0F);
  const auto read = text.substr(0, border_at_or_before(text, text_bytes_max));
  auto before = std::string{};
  for (const auto& word : memory_terms(read)) {
    add_word(vector, word);
    if (!before.empty())
      add(vector, hash_of(before + ' ' + word, 202), pair_weight * importance_of(word.size()));
    before = word;
  }
  normalise(vector);
  return vector;
}

void normalise(embedding& vector) {
  auto sum = 0.0;
  for (const auto value : vector)
    sum += static_cast<double>(value) * static_cast<double>(value);
  if (!(sum > 0) || !std::isfinite(sum))
    return;
  const auto scale = static_cast<float>(1.0 / std::sqrt(sum));
  for (auto& value : vector)
    value *= scale;
}

std::shared_ptr<embedder> make_hashed_embedder() {
  return std::make_shared<hashed_embedder>();
}

}  // namespace persona_runtime
