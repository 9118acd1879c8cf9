#include "bootstrap/cli/audit_command.hpp"
#include "providers/store/memory_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_samples.hpp"

#include <algorithm>
#include <sstream>

using namespace persona_runtime;
using namespace persona_runtime::cli;
using namespace persona_runtime::testing;

namespace {

struct audit_desk {
  std::unique_ptr<journal_store> store = make_memory_store();
  std::ostringstream out;
  std::ostringstream err;
  instant now{memory_noon.value + 3'600'000};

  void write(memory_source source, std::int64_t ms_later, const std::string& text) {
    auto author = by(source, true);
    author.at = instant{memory_noon.value + ms_later};
    author.reason = "said\nso";
    const auto request = asking(memory_store_kind::self_facts, author,
                                write_memory{{a_draft(text, {{"confidence", "0.95"}})}});
    REQUIRE(store->write_memory({&request, 1}).has_value());
  }
  int ask(audit_options options) {
    out.str({});
    options.persona = reef;
    return audit(*memory_in_store(*store, now), options, now, out, err);
  }
  [[nodiscard]] std::ptrdiff_t lines() const {
    const auto text = out.str();
    return std::count(text.begin(), text.end(), '\n');
  }
};

}  // namespace

TEST_CASE_METHOD(audit_desk,
                 "CL-03 without events audit says so and ends well; what cannot be "
                 "meant does not",
                 "[bootstrap]") {
  CHECK(ask({}) == 0);
  CHECK(out.str() == "no audit events for persona_reef\n");
  for (const auto* wrong : {"tomorrow", "7", "d", "0d", "-1d", "7w", "1.5h", "100001d"}) {
    CAPTURE(wrong);
    auto options = audit_options{};
    options.since = wrong;
    CHECK(ask(options) == 2);
  }
  auto options = audit_options{};
  options.store = "bogus";
  CHECK(ask(options) == 2);
  options = {};
  options.action = "bogus";
  CHECK(ask(options) == 2);
  options = {};
  options.source = "bogus";
  CHECK(ask(options) == 2);
  CHECK(err.str().find("--store: identity") != std::string::npos);
}

TEST_CASE_METHOD(audit_desk, "audit prints a line per event, as far as the conditions hold",
                 "[bootstrap]") {
  write(memory_source::user, 0, "first");
  write(memory_source::persona_self, 1'800'000, "second");
  CHECK(ask({}) == 0);
  CHECK(lines() == 2);
  CHECK(out.str().find("write  self_facts  user") != std::string::npos);
  CHECK(out.str().find("said so") != std::string::npos);

  auto options = audit_options{};
  options.since = "30m";
  CHECK(ask(options) == 0);
  CHECK(lines() == 1);
  options = {};
  options.source = "user";
  CHECK(ask(options) == 0);
  CHECK(lines() == 1);
  options = {};
  options.store = "episodic";
  CHECK(ask(options) == 0);
  CHECK(out.str().starts_with("no audit events"));
  options = {};
  options.json = true;
  CHECK(ask(options) == 0);
  CHECK(out.str().starts_with("{"));
  CHECK(lines() == 2);
}

TEST_CASE_METHOD(audit_desk, "audit reads over the end of a page", "[bootstrap]") {
  for (auto i = 0; i < 501; ++i)
    write(memory_source::user, i, "fact " + std::to_string(i));
  CHECK(ask({}) == 0);
  CHECK(lines() == 501);
}
