#include "domain/memory/chunk.hpp"
#include "domain/memory/chunk_json.hpp"
#include "domain/text/sha256.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

#include <algorithm>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

memory_chunk a_chunk() {
  auto chunk = memory_chunk{};
  chunk.id = "persona_reef::self_facts::A";
  chunk.text = "The tide turns at \"six\"\n";
  chunk.metadata = {{"confidence", "0.900"}, {"k\"y", "væ"}};
  chunk.provenance = memory_provenance{};
  chunk.provenance->logical_id = "persona_reef::self_facts::A";
  chunk.created_at = memory_noon;
  return chunk;
}

}  // namespace

TEST_CASE("CH-01 the content hash ignores order and nothing else", "[domain][memory]") {
  const auto one = content_hash_of("text", {{"a", "1"}, {"b", "2"}});
  auto other = memory_metadata{};
  other.emplace("b", "2");
  other.emplace("a", "1");
  CHECK(one == content_hash_of("text", other));
  CHECK(one != content_hash_of("text.", other));
  other["a"] = "2";
  CHECK(one != content_hash_of("text", other));
  // Lengths come first, so that what stands where cannot be confused.
  CHECK(content_hash_of("a", {{"b", "c"}}) != content_hash_of("a", {{"bc", ""}}));
  CHECK(content_hash_of("ab", {}) != content_hash_of("a", {{"b", ""}}));
}

TEST_CASE("CH-01 SHA-256 is that of the standard, at its block borders too", "[domain][text]") {
  CHECK(sha256_text("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_text("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_text(std::string(55, 'a'))
        == "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  CHECK(sha256_text(std::string(56, 'a'))
        == "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  CHECK(sha256_text(std::string(64, 'a'))
        == "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

TEST_CASE("CH-02 a hash that is not the content's is refused", "[domain][memory]") {
  auto chunk = a_chunk();
  CHECK(checked_chunk(chunk).value().content_hash == content_hash_of(chunk.text, chunk.metadata));
  chunk.content_hash = std::string(64, '0');
  CHECK(checked_chunk(chunk).error().detail.find("content_hash mismatch") != std::string::npos);
  chunk.content_hash = content_hash_of(chunk.text, chunk.metadata);
  CHECK(checked_chunk(chunk).has_value());
}

TEST_CASE("CH-03 ids sort in the order in which they were made", "[domain][memory]") {
  auto ids = std::vector<std::string>{};
  for (auto i = 0; i < 15; ++i)
    ids.push_back(memory_chunk_id({"astra"}, memory_store_kind::episodic, next_ulid()));
  CHECK(std::ranges::is_sorted(ids));
  CHECK(ids.front().starts_with("astra::episodic::"));
  CHECK(std::ranges::adjacent_find(ids) == ids.end());
  CHECK(memory_version_id("astra::episodic::X", 7) == "astra::episodic::X::v0007");
  CHECK(memory_version_id("c", 10'000) == "c::v10000");
}

TEST_CASE("CH-04 version 0 is refused", "[domain][memory]") {
  auto chunk = a_chunk();
  chunk.provenance->version = 0;
  CHECK(checked_chunk(chunk).error().code == errc::validation_error);
  chunk.provenance->version = 1;
  chunk.provenance->logical_id = "";
  CHECK_FALSE(checked_chunk(chunk).has_value());
}

TEST_CASE("CH-05 a chunk survives JSON", "[domain][memory]") {
  auto chunk = checked_chunk(a_chunk()).value();
  CHECK(memory_chunk_from_json(to_json(chunk)).value() == chunk);
  chunk.provenance->superseded_by = "next";
  chunk.provenance->written_by = "ops";
  chunk.provenance->reason = "";
  chunk.provenance->retired = true;
  chunk.distance = 0.25;
  chunk.key = "tide";
  CHECK(memory_chunk_from_json(to_json(chunk)).value() == chunk);
  chunk.provenance.reset();
  CHECK(memory_chunk_from_json(to_json(chunk)).value() == chunk);
}

TEST_CASE("CH-05 JSON that is no chunk is refused with the reason", "[domain][memory]") {
  const auto good = to_json(checked_chunk(a_chunk()).value());
  const auto refused = [](std::string json, const std::string& from, const std::string& to) {
    json.replace(json.find(from), from.size(), to);
    const auto read = memory_chunk_from_json(json);
    return read ? std::string{} : read.error().detail;
  };
  CHECK(refused(good, "\"text\":", "\"texts\":").find("text is missing") != std::string::npos);
  CHECK(refused(good, "\"key\":\"\"", "\"key\":\"\",\"more\":1").find("unknown field more")
        != std::string::npos);
  CHECK(refused(good, "\"version\":1", "\"version\":\"1\"").find("version") != std::string::npos);
  CHECK(refused(good, "\"system\"", "\"System\"").find("source") != std::string::npos);
  CHECK(refused(good, "Z\",\"key\"", "\",\"key\"").find("naive") != std::string::npos);
  CHECK(refused(good, "six", "sex").find("mismatch") != std::string::npos);
  CHECK_FALSE(memory_chunk_from_json("[]").has_value());
  CHECK_FALSE(memory_chunk_from_json("{").has_value());
  CHECK_FALSE(memory_chunk_from_json("").has_value());
}

TEST_CASE("CH-06 sources and stores have their wire names", "[domain][memory]") {
  CHECK(name_of(memory_source::system) == "system");
  CHECK(name_of(memory_source::user) == "user");
  CHECK(name_of(memory_source::persona_self) == "persona_self");
  for (const auto kind : memory_store_kinds)
    CHECK(memory_store_kind_of(name_of(kind)) == kind);
  CHECK_FALSE(memory_store_kind_of("Identity").has_value());
  CHECK_FALSE(memory_source_of("").has_value());
}

TEST_CASE("whoever talks without a name of his own is the owner", "[domain][memory]") {
  CHECK(talk_scope(reef, {"ops"}, "") == memory_scope{reef, {"ops"}, "ops"});
  CHECK(talk_scope(reef, {"ops"}, "kari") == memory_scope{reef, {"ops"}, "kari"});
  CHECK(is_shared(shared_scope(reef)));
  CHECK_FALSE(is_shared(talk_scope(reef, {"ops"}, "")));
}

TEST_CASE("importance is a number of 0 to 1, or the middle", "[domain][memory]") {
  CHECK(importance_of({}) == 0.5);
  CHECK(importance_of({{"importance", "0.900"}}) == 0.9);
  CHECK(importance_of({{"importance", "7"}}) == 1);
  CHECK(importance_of({{"importance", "-1"}}) == 0);
  CHECK(importance_of({{"importance", "much"}}) == 0.5);
  CHECK(importance_of({{"importance", "nan"}}) == 0.5);
  CHECK(three_decimals(0.9) == "0.900");
}
