#include "domain/memory/audit.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

using namespace persona_runtime;
using namespace persona_runtime::testing;

namespace {

memory_audit an_event() {
  auto event = memory_audit{};
  event.at = memory_noon;
  event.scope = talk_scope(reef, {"ops"}, "kari");
  event.written_by = "runtime.loop";
  event.chunk_ids = {"a", "b\n"};
  event.logical_ids = {"c"};
  event.metadata = {{"to_version", "1"}};
  return event;
}

}  // namespace

TEST_CASE("AU-02 an event is one line of JSON that reads back equal", "[domain][memory]") {
  auto event = an_event();
  CHECK(to_json(event).find('\n') == std::string::npos);
  CHECK(memory_audit_from_json(to_json(event)).value() == event);
  event.reason = "because";
  event.written_by.reset();
  event.action = audit_action::skill_refused;
  event.store = audit_store::skill;
  CHECK(memory_audit_from_json(to_json(event)).value() == event);
}

TEST_CASE("AU-04 filters hold together", "[domain][memory]") {
  auto event = an_event();
  auto filter = audit_filter{};
  CHECK(matches(filter, event));
  filter.action = audit_action::write;
  filter.source = memory_source::user;
  CHECK_FALSE(matches(filter, event));
  event.source = memory_source::user;
  CHECK(matches(filter, event));
  filter.since = event.at;
  CHECK(matches(filter, event));
  filter.since = instant{event.at.value + 1};
  CHECK_FALSE(matches(filter, event));
  filter.since.reset();
  filter.store = audit_store::skill;
  CHECK_FALSE(matches(filter, event));
}

TEST_CASE("AU-05 a since without an offset is refused", "[domain][memory]") {
  CHECK(audit_since("2026-03-02T12:00:00").error().detail.find("tz-aware") != std::string::npos);
  CHECK(audit_since("2026-03-02T14:00:00+02:00").value()
        == audit_since("2026-03-02T12:00:00Z").value());
  CHECK_FALSE(audit_since("yesterday").has_value());
}

TEST_CASE("AU-07 a store or an action of another name is refused", "[domain][memory]") {
  const auto with = [](const std::string& from, const std::string& to) {
    auto json = to_json(an_event());
    json.replace(json.find(from), from.size(), to);
    return memory_audit_from_json(json);
  };
  CHECK(with("\"episodic\"", "\"dreams\"").error().detail.find("dreams") != std::string::npos);
  CHECK_FALSE(with("\"write\"", "\"wrote\"").has_value());
  CHECK_FALSE(with("\"timestamp\"", "\"time\"").has_value());
  CHECK_FALSE(memory_audit_from_json("garbage").has_value());
  for (const auto kind : memory_store_kinds)
    CHECK(name_of(audit_store_of(kind)) == name_of(kind));
}
