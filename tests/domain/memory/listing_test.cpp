#include "domain/memory/chunk_json.hpp"
#include "domain/memory/listing.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

const auto the_reef = persona_id{"persona_reef"};

placed_chunk a_placed_chunk() {
  auto out = placed_chunk{};
  out.place = {talk_scope(the_reef, {"ops"}, "kåre \"K\""), memory_store_kind::worldview};
  out.chunk.id = "w1";
  out.chunk.text = "line\nbreak";
  out.chunk.metadata = {{"importance", "0.500"}};
  out.chunk.created_at = instant{1'790'000'000'123};
  out.chunk.provenance = memory_provenance{};
  out.chunk.provenance->logical_id = "w1";
  out.chunk.provenance->written_at = instant{1'790'000'000'000};
  out.chunk.content_hash = content_hash_of(out.chunk.text, out.chunk.metadata);
  return out;
}

std::string json_of(const placed_chunk& one) {
  auto out = std::string{};
  append_json(out, one);
  return out;
}

}  // namespace

TEST_CASE("a filter means what it names, and the author's part only without names",
          "[domain][memory]") {
  const auto author = shared_scope(the_reef);
  const auto kari = talk_scope(the_reef, {"ops"}, "kari");
  CHECK(is_meant({the_reef}, author));
  CHECK(is_meant({the_reef}, kari));
  CHECK(is_meant({the_reef, "ops", "kari"}, kari));
  CHECK_FALSE(is_meant({the_reef, "ops"}, author));
  CHECK_FALSE(is_meant({the_reef, "", "kari"}, author));
  CHECK_FALSE(is_meant({the_reef, "other"}, kari));
  CHECK(places_of({author, kari}, {the_reef}).size() == 8);
  const auto one = places_of({author, kari}, {the_reef, "ops", "", memory_store_kind::episodic});
  REQUIRE(one.size() == 1);
  CHECK(one[0] == memory_place{kari, memory_store_kind::episodic});
}

TEST_CASE("a cursor names its place, whatever the names hold", "[domain][memory]") {
  const auto strange = std::string{"a.b\0\xff", 5};
  for (const auto& scope : {shared_scope(the_reef), talk_scope(the_reef, {"o.p/s"}, strange)}) {
    for (const auto kind : memory_store_kinds) {
      const auto at = memory_position{{scope, kind}, 123'456};
      CHECK(memory_position_of(cursor_text(at), the_reef) == at);
    }
  }
  for (const auto* wrong :
       {"", ".", "...", "0", "0.1", "0.1.", "4.1..", "x.1..", "0.-1..", "0.x..", "0.1.0.",
        "0.1.zz.", "0.1..AA", "0.1...", "00.1..", "0.1234567890123456.."}) {
    CAPTURE(wrong);
    CHECK_FALSE(memory_position_of(wrong, the_reef).has_value());
  }
  CHECK(memory_position{}.place
        < memory_place{shared_scope(the_reef), memory_store_kind::identity});
}

TEST_CASE("a page of memory reads back as it was written", "[domain][memory]") {
  const auto one = a_placed_chunk();
  auto other = one;
  other.place = {shared_scope(the_reef), memory_store_kind::identity};
  other.chunk.provenance.reset();
  const auto page = memory_page_from_json(R"({"items":[)" + json_of(one) + "," + json_of(other)
                                          + R"(],"next_cursor":"0.1.."})");
  REQUIRE(page.has_value());
  REQUIRE(page->items.size() == 2);
  CHECK(page->items[0] == one);
  CHECK(page->items[1] == other);
  CHECK(json_of(page->items[0]) == json_of(one));
  CHECK(page->next == "0.1..");
  CHECK(memory_page_from_json(R"({"items":[],"next_cursor":null})").value().next.empty());
}

TEST_CASE("what is no page of memory is refused", "[domain][memory]") {
  const auto entry = json_of(a_placed_chunk());
  const auto with = [&](const std::string& what, const std::string& instead) {
    auto text = R"({"items":[)" + entry + R"(],"next_cursor":null})";
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), instead);
  };
  for (const auto& wrong :
       {std::string{}, std::string{"[]"}, std::string{R"({"items":{}})"},
        std::string{R"({"items":[]})"}, std::string{R"({"items":[7],"next_cursor":null})"},
        with("_cursor\":null", "_cursor\":7"), with("worldview", "dreams"),
        with(R"("owner":"ops")", R"("owner":7)"), with(R"("scope":)", R"("skope":)"),
        with("line", "lime"), with(R"("version":1)", R"("version":0)")}) {
    CAPTURE(wrong);
    CHECK_FALSE(memory_page_from_json(wrong).has_value());
  }
}

TEST_CASE("a page of audit events reads back as it was written", "[domain][memory]") {
  auto event = memory_audit{};
  event.at = instant{1'790'000'000'000};
  event.scope = talk_scope(the_reef, {"ops"}, "kari");
  event.action = audit_action::rollback;
  event.logical_ids = {"home"};
  const auto page =
    audit_page_from_json(R"({"items":[)" + to_json(event) + R"(],"next_offset":7})");
  REQUIRE(page.has_value());
  CHECK(page->items == std::vector{event});
  CHECK(page->next == 7);
  CHECK_FALSE(audit_page_from_json(R"({"items":[],"next_offset":null})").value().next);
  for (const auto* wrong :
       {"", "{}", R"({"items":[]})", R"({"items":[],"next_offset":-1})",
        R"({"items":[],"next_offset":"7"})", R"({"items":[{}],"next_offset":null})"}) {
    CAPTURE(wrong);
    CHECK_FALSE(audit_page_from_json(wrong).has_value());
  }
}
