#include "domain/memory/chunk.hpp"

#include "domain/text/sha256.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace persona_runtime {
namespace {

constexpr auto kind_names =
  std::array<std::string_view, 4>{"identity", "self_facts", "worldview", "episodic"};
constexpr auto source_names = std::array<std::string_view, 3>{"system", "user", "persona_self"};

template <class E, std::size_t N>
std::optional<E> named(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto i = std::ranges::find(names, name);
  return i == names.end() ? std::nullopt : std::optional{static_cast<E>(i - names.begin())};
}

void append_prefixed(std::string& out, std::string_view text) {
  const auto size = std::uint64_t{text.size()};
  for (auto shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>(size >> shift & 0xFF);
  out += text;
}

}  // namespace

std::string_view name_of(memory_store_kind kind) {
  return kind_names.at(static_cast<std::size_t>(kind));
}

std::string_view name_of(memory_source source) {
  return source_names.at(static_cast<std::size_t>(source));
}

std::optional<memory_store_kind> memory_store_kind_of(std::string_view name) {
  return named<memory_store_kind>(kind_names, name);
}

std::optional<memory_source> memory_source_of(std::string_view name) {
  return named<memory_source>(source_names, name);
}

memory_scope shared_scope(const persona_id& persona) {
  return {persona, {}, {}};
}

bool is_shared(const memory_scope& scope) {
  return scope.owner.value.empty() && scope.user.empty();
}

memory_scope talk_scope(const persona_id& persona, const owner_id& owner, const std::string& user) {
  return {persona, owner, user.empty() ? owner.value : user};
}

std::string content_hash_of(std::string_view text, const memory_metadata& metadata) {
  auto canonical = std::string{};
  append_prefixed(canonical, text);
  for (const auto& [name, value] : metadata) {
    append_prefixed(canonical, name);
    append_prefixed(canonical, value);
  }
  return sha256_text(canonical);
}

result<memory_chunk> checked_chunk(memory_chunk chunk) {
  if (chunk.id.empty())
    return failure{errc::validation_error, "a memory chunk needs an id"};
  if (chunk.provenance && chunk.provenance->logical_id.empty())
    return failure{errc::validation_error, "chunk " + chunk.id + ": logical_id is empty"};
  if (chunk.provenance && chunk.provenance->version == 0)
    return failure{errc::validation_error, "chunk " + chunk.id + ": versions begin at 1"};
  auto hash = content_hash_of(chunk.text, chunk.metadata);
  if (!chunk.content_hash.empty() && chunk.content_hash != hash)
    return failure{errc::validation_error,
                   "chunk " + chunk.id + ": content_hash mismatch; leave it out to have it made"};
  chunk.content_hash = std::move(hash);
  return chunk;
}

bool is_head(const memory_chunk& chunk) {
  return !chunk.provenance || (!chunk.provenance->superseded_by && !chunk.provenance->retired);
}

std::string memory_chunk_id(const persona_id& persona, memory_store_kind kind,
                            std::string_view ulid) {
  return persona.value + "::" + std::string{name_of(kind)} + "::" + std::string{ulid};
}

std::string memory_version_id(std::string_view logical_id, std::uint32_t version) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "::v%04u", version);
  return std::string{logical_id} + digits;
}

double importance_of(const memory_metadata& metadata) {
  constexpr auto otherwise = 0.5;
  const auto i = metadata.find("importance");
  if (i == metadata.end())
    return otherwise;
  auto value = otherwise;
  const auto& text = i->second;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && std::isfinite(value) ? std::clamp(value, 0.0, 1.0) : otherwise;
}

std::string three_decimals(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.3f", value);
  return digits;
}

}  // namespace persona_runtime
