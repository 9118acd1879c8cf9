#include "providers/store/sqlite/connection.hpp"
#include "providers/store/sqlite/schema.hpp"
#include "providers/store/sqlite_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"
#include "tests/support/scratch_directory.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

std::unique_ptr<journal_store> open_in(const std::filesystem::path& directory) {
  auto settings = sqlite_settings{};
  settings.directory = directory;
  settings.level = durability::process;
  return std::move(open_sqlite_store(settings).value());
}

/// Names of the files that hold `word`, in any case.
std::vector<std::string> files_with(const std::filesystem::path& directory,
                                    const std::string& word) {
  auto out = std::vector<std::string>{};
  for (const auto& file : std::filesystem::directory_iterator{directory}) {
    auto in = std::ifstream{file.path(), std::ios::binary};
    auto bytes = std::string{std::istreambuf_iterator<char>{in}, {}};
    for (auto& c : bytes)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (bytes.find(word) != std::string::npos)
      out.push_back(file.path().filename().string());
  }
  return out;
}

void remember(journal_store& store, const memory_scope& scope, const std::string& text,
              memory_metadata metadata = {}) {
  auto draft = a_draft(text, std::move(metadata));
  draft.key = text.substr(0, 100);
  auto request = memory_request{
    {scope, memory_store_kind::episodic}, by(memory_source::user), write_memory{{draft}}};
  request.author.reason = text.substr(0, 100);
  const auto outcome = store.write_memory({&request, 1}).value().at(0);
  REQUIRE_FALSE(outcome.refusal.has_value());
  auto vector = chunk_vector{outcome.added.at(0), embedding(64, 0.5F)};
  REQUIRE(store.put_vectors("test", {&vector, 1}).has_value());
}

}  // namespace

TEST_CASE("after a purge a planted word is in no byte of any file", "[providers][store]") {
  const auto scratch = scratch_directory{};
  const auto data = scratch.path() / "data";
  auto store = open_in(data);
  // Enough of both users that pages split, overflow and share the word index's segments.
  for (auto i = 0; i < 400; ++i) {
    remember(*store, ola, "ola number " + std::to_string(i) + " likes the harbour");
    remember(*store, kari,
             "Xyzzyplugh number " + std::to_string(i) + " xyzzyplugh" + std::to_string(i)
               + std::string(i % 40 == 0 ? 9'000 : 10, 'k'),
             {{"Xyzzyplugh", "xyzzyplugh"}});
  }
  // Past versions, retired ones and a word that rose into separators of the index.
  for (auto i = 0; i < 50; ++i)
    remember(*store, kari, "xyzzyplugh again " + std::to_string(i % 7));
  REQUIRE_FALSE(files_with(data, "xyzzyplugh").empty());

  const auto reader = store->open_chunk_reader();
  REQUIRE(reader->recent({kari, memory_store_kind::episodic}, 5).value().size() == 5);
  const auto done =
    store->purge_memory({reef, owner_id{"ops"}, std::string{"kari"}, {}, memory_noon}).value();
  CHECK(done.chunks == 450);

  CHECK(files_with(data, "xyzzyplugh") == std::vector<std::string>{});
  CHECK(files_with(data, "likes the harbour").size() == 1);
  CHECK(reader->list_chunks({{ola, memory_store_kind::episodic}}).value().size() == 50);
  const auto terms = std::vector<weighted_term>{{"harbour", 1.0}};
  const auto found = reader->search_words({ola, memory_store_kind::episodic},
                                          {terms, 6, [](std::int64_t) { return 6.0; }, 1'000});
  CHECK(found.value().size() == 400);

  store.reset();
  CHECK(files_with(data, "xyzzyplugh") == std::vector<std::string>{});
  store = open_in(data);
  CHECK(store->open_chunk_reader()->list_chunks({{ola, memory_store_kind::episodic}}).has_value());
}

TEST_CASE("a file of version 1 gets the tables of memory and keeps its runs",
          "[providers][store]") {
  const auto scratch = scratch_directory{};
  const auto path = (scratch.path() / database_file_name).string();
  {
    auto db = sqlite::connection{path, sqlite::access::read_write, ""};
    db.execute("pragma journal_mode = wal");
    sqlite::migrate(db, sqlite::migrations().first(1));
    db.execute("insert into persona values ('persona_1', 'ops', 'yaml', '{}', 1, 1)");
    CHECK(db.integer("pragma user_version") == 1);
  }
  auto store = open_in(scratch.path());
  CHECK(store->find_persona({"persona_1"}).value().has_value());
  remember(*store, kari, "kept");
  store.reset();
  store = open_in(scratch.path());
  CHECK(store->open_chunk_reader()->recent({kari, memory_store_kind::episodic}, 1).value().size()
        == 1);
}

TEST_CASE("ST-11 memory survives a restart unchanged", "[providers][store]") {
  const auto scratch = scratch_directory{};
  auto store = open_in(scratch.path());
  remember(*store, kari, "first version");
  remember(*store, kari, "another thing");
  auto filter = chunk_filter{{kari, memory_store_kind::episodic}};
  filter.with_past = true;
  const auto before = store->open_chunk_reader()->list_chunks(filter).value();
  store.reset();
  store = open_in(scratch.path());
  CHECK(store->open_chunk_reader()->list_chunks(filter).value() == before);
  CHECK(
    store->open_chunk_reader()->read_heads(filter.place, "test", 0, 10).value().at(0).vector.size()
    == 64);
  // Row numbers are never given again, whatever was deleted.
  const auto rows = store->open_chunk_reader()->read_heads(filter.place, "test", 0, 10).value();
  auto request = memory_request{filter.place, by(memory_source::user), delete_memory{}};
  REQUIRE(store->write_memory({&request, 1}).has_value());
  remember(*store, kari, "later");
  const auto later = store->open_chunk_reader()->read_heads(filter.place, "test", 0, 10).value();
  CHECK(later.at(0).row > rows.back().row);
}
