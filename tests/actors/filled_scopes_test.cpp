// Who need not ask memory, and who finds what he wrote.

#include "actors/filled_scopes.hpp"
#include "tests/support/catch.hpp"

namespace persona_runtime {
namespace {

const auto reef = persona_id{"reef"};

recall_request question_of(const memory_scope& scope, bool with_identity = false) {
  auto out = recall_request{};
  out.scope = scope;
  out.with_identity = with_identity;
  return out;
}

memory_outcome change_in(const memory_scope& scope, memory_store_kind kind) {
  auto out = memory_outcome{};
  out.place = {scope, kind};
  out.added = {7};
  return out;
}

TEST_CASE("memory is asked where something was written, or whoever asks for the identity",
          "[actors][memory]") {
  const auto kari = talk_scope(reef, {"kari"}, "");
  const auto ola = talk_scope(reef, {"ola"}, "");
  auto filled = filled_scopes{};
  CHECK_FALSE(filled.may_answer(question_of(kari)));
  CHECK(filled.may_answer(question_of(kari, true)));
  filled.add(std::vector{change_in(kari, memory_store_kind::identity)});
  CHECK_FALSE(filled.may_answer(question_of(kari)));
  auto refused = change_in(kari, memory_store_kind::episodic);
  refused.added.clear();
  filled.add(std::vector{refused});
  CHECK_FALSE(filled.may_answer(question_of(kari)));
  filled.add(std::vector{change_in(kari, memory_store_kind::episodic)});
  CHECK(filled.may_answer(question_of(kari)));
  CHECK_FALSE(filled.may_answer(question_of(ola)));
  CHECK_FALSE(filled.may_answer(question_of(talk_scope(reef, {"kari"}, "her daughter"))));
}

TEST_CASE("what the author wrote is everybody's", "[actors][memory]") {
  auto filled = filled_scopes{};
  filled.add(shared_scope(reef));
  CHECK(filled.may_answer(question_of(talk_scope(reef, {"kari"}, ""))));
  CHECK_FALSE(filled.may_answer(question_of(talk_scope({"cliff"}, {"kari"}, ""))));
}

TEST_CASE("a store that cannot be read is asked each time", "[actors][memory]") {
  auto filled = filled_scopes{};
  filled.add_all();
  CHECK(filled.may_answer(question_of(talk_scope(reef, {"kari"}, ""))));
}

TEST_CASE("few scopes share a bit", "[actors][memory]") {
  auto filled = filled_scopes{};
  for (auto i = 0; i < 20'000; ++i)
    filled.add(talk_scope(reef, {"owner_" + std::to_string(i)}, ""));
  auto asked = 0;
  for (auto i = 0; i < 10'000; ++i)
    asked += filled.may_answer(question_of(talk_scope(reef, {"other_" + std::to_string(i)}, "")));
  CHECK(asked < 300);  // 2 % of the bits are set
}

}  // namespace
}  // namespace persona_runtime
