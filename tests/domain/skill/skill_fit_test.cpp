#include "domain/skill/skill_fit.hpp"
#include "domain/text/utf8.hpp"
#include "tests/domain/skill/skill_samples.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::test;
using Catch::Matchers::EndsWith;

namespace {

/// The text without the marker that must end it.
std::string before_marker(const fitted_skill& fitted) {
  const auto text = fitted.text.str();
  REQUIRE(text.ends_with(skill_cut_marker));
  return text.substr(0, text.size() - skill_cut_marker.size());
}

}  // namespace

TEST_CASE("SK-07 a body at the budget stays word for word", "[domain][skill]") {
  auto calls = 0;
  const auto summarise = [&](std::string_view) {
    ++calls;
    return std::string{"short"};
  };
  const auto s = a_skill("long", body_of(2'000));
  const auto fitted = fit_skill(s, skill_budget_default, counted(), summarise);
  CHECK(fitted.complete);
  CHECK(fitted.tokens == 2'000);
  CHECK(fitted.text == s.content);
  CHECK(calls == 0);
}

TEST_CASE("SK-07 SKILL-09 a longer body is cut to just below the budget", "[domain][skill]") {
  const auto body = GENERATE(body_of(2'001), body_of(9'000), std::string(20'000, 'x'), [] {
    auto out = std::string{};
    while (out.size() < 30'000)
      out += "Tau ⚓ fest på nytt. ";
    return out;
  }());
  const auto s = a_skill("long", body);
  const auto fitted = fit_skill(s, 2'000, counted());
  CHECK_FALSE(fitted.complete);
  CHECK(fitted.tokens <= 2'000);
  CHECK(fitted.tokens + 5 >= 2'000);
  CHECK(fitted.tokens == shared_tokenizer().count(fitted.text.view()));
  const auto begin = before_marker(fitted);
  CHECK(body.starts_with(begin));
  CHECK(is_valid_utf8(begin));
}

TEST_CASE("SK-08 a summary that fits is used, one that does not is cut", "[domain][skill]") {
  const auto s = a_skill("long", body_of(3'000));
  const auto good = fit_skill(s, 2'000, counted(), [](std::string_view) { return "In short."; });
  CHECK(good.text.view() == "In short.");
  CHECK_FALSE(good.complete);
  const auto poor = fit_skill(s, 2'000, counted(), [](std::string_view) { return body_of(2'500); });
  CHECK(poor.tokens <= 2'000);
  CHECK_THAT(poor.text.str(), EndsWith("\n\n[truncated]"));
  CHECK(body_of(2'500).starts_with(before_marker(poor)));
}

TEST_CASE("a budget of the marker's size or less gives the marker alone", "[domain][skill]") {
  CHECK(shared_tokenizer().count(skill_cut_marker) == 5);
  const auto s = a_skill("long", body_of(100));
  for (const auto budget : {0u, 1u, 5u})
    CHECK(fit_skill(s, budget, counted()).text.view() == skill_cut_marker);
  CHECK(fit_skill(s, 6, counted()).text.str() == " line\n\n[truncated]");
}

TEST_CASE("a body is cut in few counts", "[domain][skill]") {
  auto calls = 0;
  const text_counter counting = [&](std::string_view text) {
    ++calls;
    return shared_tokenizer().count(text);
  };
  static_cast<void>(fit_skill(a_skill("long", body_of(20'000)), 2'000, counting));
  CHECK(calls <= 22);  // log2 of 100,000 bytes, the marker, the result
}
