#include "domain/skill/audit.hpp"
#include "domain/tool/audit.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

tool_result audited(std::string action) {
  auto out = tool_result{};
  out.metadata = {{"audit.action", std::move(action)},
                  {"audit.resource", "out/report.md"},
                  {"audit.bytes", "12"},
                  {"other", "kept to itself"}};
  return out;
}

skill a_skill(skill_trust trust) {
  auto s = skill{};
  s.name = "knots";
  s.trust = trust;
  s.source = "untrusted";
  s.content_hash = "abc";
  return s;
}

activation with(skill_outcome outcome) {
  auto a = activation{};
  a.outcome = outcome;
  return a;
}

}  // namespace

TEST_CASE("TA-09 a tool that asks for it is audited, by action and resource", "[domain][tool]") {
  const auto entry = tool_audit_of("file_write", audited("write"));
  REQUIRE(entry);
  CHECK(entry->what.store == audit_store::tool);
  CHECK(entry->what.action == audit_action::write);
  CHECK(entry->written_by == "file_write");
  CHECK(entry->what.metadata
        == memory_metadata{{"bytes", "12"},
                           {"is_error", "false"},
                           {"resource", "out/report.md"},
                           {"tool_name", "file_write"}});
  CHECK_FALSE(tool_audit_of("file_write", audited("paint")));
  CHECK_FALSE(tool_audit_of("file_read", tool_result{}));
}

TEST_CASE("TA-09 a long value is cut", "[domain][tool]") {
  auto result = audited("write");
  result.metadata["audit.resource"] = std::string(5'000, 'x');
  CHECK(tool_audit_of("file_write", result)->what.metadata.at("resource").size() <= 1'024);
}

TEST_CASE("SK-14 AU-07 skills that were used or refused are audited, others not",
          "[domain][skill]") {
  const auto used = skill_audit_of(with(skill_outcome::active), a_skill(skill_trust::builtin));
  REQUIRE(used);
  CHECK(used->what.store == audit_store::skill);
  CHECK(used->what.action == audit_action::skill_injected);
  CHECK(used->what.metadata.at("consent_state") == "builtin_implicit");
  CHECK(used->written_by == "untrusted");
  const auto refused =
    skill_audit_of(with(skill_outcome::not_approved), a_skill(skill_trust::community));
  REQUIRE(refused);
  CHECK(refused->what.action == audit_action::skill_refused);
  CHECK(refused->what.metadata.at("content_hash") == "abc");
  CHECK_FALSE(skill_audit_of(with(skill_outcome::cycle), a_skill(skill_trust::builtin)));
}

TEST_CASE("AU-01 an event about something else changes no chunk", "[domain][memory]") {
  struct nothing final : memory_chains {
    std::vector<memory_chunk> chain(const std::string&) const override { return {}; }
    bool has_chunk(const std::string&) const override { return false; }
    std::vector<memory_chunk> newest() const override { return {}; }
    std::vector<memory_chunk> documented() const override { return {}; }
    std::vector<std::string> ids() const override { return {}; }
  };
  const auto talk = talk_scope({"clerk"}, {"ops"}, "kari");
  const auto rows =
    decide_memory(audit_request(talk, *tool_audit_of("file_write", audited("write")), {7}),
                  nothing{})
      .value();
  CHECK(rows.added.empty());
  CHECK(rows.removed.empty());
  REQUIRE(rows.audit);
  CHECK(rows.audit->scope == talk);
  CHECK(rows.audit->store == audit_store::tool);
  CHECK(rows.audit->at == instant{7});
  CHECK(rows.audit->metadata.at("resource") == "out/report.md");
}
