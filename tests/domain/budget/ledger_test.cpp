#include "domain/budget/ledger.hpp"
#include "tests/support/catch.hpp"

namespace persona_runtime {
namespace {

const auto run = run_id{"run_1"};

budget_request request(std::uint64_t prompt, std::uint64_t reply,
                       call_kind kind = call_kind::step) {
  return {kind, prompt, reply, model_price{1.0, 2.0}};
}

run_limits tokens(std::uint64_t most) {
  auto l = run_limits{};
  l.max_tokens = most;
  return l;
}

run_limits cents(double most) {
  auto l = run_limits{};
  l.max_cost_cents = most;
  return l;
}

const budget_grant* granted(const budget_answer& a) {
  return std::get_if<budget_grant>(&a);
}

TEST_CASE("the summary share is 5 %, at most 2,000 tokens", "[domain][budget]") {
  CHECK(summary_share(19) == 0);
  CHECK(summary_share(20) == 1);
  CHECK(summary_share(39'999) == 1'999);
  CHECK(summary_share(40'000) == 2'000);
  CHECK(summary_share(10'000'000) == 2'000);
}

TEST_CASE("without limits everything fits, at its price", "[domain][budget]") {
  const auto answer = consider({}, {}, request(1'000, 500));
  REQUIRE(granted(answer));
  CHECK(granted(answer)->amount.tokens == 1'500);
  CHECK(granted(answer)->amount.cents == 2.0);
  CHECK(granted(answer)->reply_tokens_max == 500);
}

TEST_CASE("the reply cap is cut to what is left of the tokens", "[domain][budget]") {
  const auto limits = tokens(10'000);  // 500 of them are the summary's
  CHECK(granted(consider(limits, {}, request(5'000, 4'096)))->reply_tokens_max == 4'096);
  CHECK(granted(consider(limits, {}, request(9'000, 4'096)))->reply_tokens_max == 500);
  CHECK(granted(consider(limits, {}, request(9'244, 4'096)))->reply_tokens_max == 256);
  const auto refused = consider(limits, {}, request(9'245, 4'096));
  REQUIRE_FALSE(granted(refused));
  const auto& why = std::get<budget_refusal>(refused);
  CHECK(why.kind == budget_kind::tokens);
  CHECK(why.limit == 10'000);
  CHECK(why.used == 0);
  CHECK(why.reserved == 9'245 + 256);
  // what was spent counts
  CHECK_FALSE(granted(consider(limits, {9'000, 0.0}, request(300, 4'096))));
}

TEST_CASE("a model whose own cap is small needs no 256 tokens", "[domain][budget]") {
  CHECK(granted(consider(tokens(1'000), {}, request(900, 50))));
  CHECK_FALSE(granted(consider(tokens(1'000), {}, request(901, 50))));
}

TEST_CASE("only the partial result may use the summary share", "[domain][budget]") {
  const auto limits = tokens(10'000);
  CHECK_FALSE(granted(consider(limits, {9'400, 0.0}, request(100, 256))));
  CHECK_FALSE(granted(consider(limits, {9'400, 0.0}, request(100, 256, call_kind::compaction))));
  const auto last = consider(limits, {9'400, 0.0}, request(100, 4'096, call_kind::partial_result));
  REQUIRE(granted(last));
  CHECK(granted(last)->reply_tokens_max == 500);
}

TEST_CASE("a cost budget cuts the reply cap and refuses", "[domain][budget]") {
  // prompts 0.001, replies 0.002 cents a token
  CHECK(granted(consider(cents(3.0), {}, request(1'000, 2'000)))->reply_tokens_max == 1'000);
  const auto exact = consider(cents(1.5), {}, request(1'000, 256));
  CHECK_FALSE(granted(exact));  // 250 reply tokens are left
  const auto& why = std::get<budget_refusal>(exact);
  CHECK(why.kind == budget_kind::cost_cents);
  CHECK(why.limit == 1.5);
  CHECK(why.reserved > 1.5);
  CHECK_FALSE(granted(consider(cents(0.5), {}, request(1'000, 2'000))));  // the prompt alone
}

TEST_CASE("D-27 an unknown price is never granted under a cost budget", "[domain][budget]") {
  auto unknown = request(10, 300);
  unknown.price.reset();
  CHECK_FALSE(granted(consider(cents(1e9), {}, unknown)));
  CHECK(granted(consider(tokens(10'000), {}, unknown)));
  CHECK_FALSE(granted(consider(tokens(10'000), {}, unknown))->amount.cents);
  CHECK_FALSE(granted(consider(cents(1e9), {0, std::nullopt}, request(10, 300))));
}

TEST_CASE("the worst case of a prompt is that all of it is kept", "[domain][budget]") {
  auto kept = request(1'000, 1'000);
  kept.price = model_price{1.0, 2.0, 0.1, 1.25};
  CHECK(granted(consider(cents(100), {}, kept))->amount.cents == Approx(3.25));
  CHECK(granted(consider(cents(2.25), {}, kept))->reply_tokens_max == 500);
}

TEST_CASE("a model that costs nothing is bounded by tokens only", "[domain][budget]") {
  auto free = request(10, 300);
  free.price = model_price{0, 0};
  CHECK(granted(consider(cents(0.000'1), {}, free))->reply_tokens_max == 300);
}

TEST_CASE("with both budgets the smaller one cuts", "[domain][budget]") {
  auto both = tokens(10'000);
  both.max_cost_cents = 2.0;
  CHECK(granted(consider(both, {}, request(1'000, 4'096)))->reply_tokens_max == 500);
  both.max_tokens = 1'600;
  CHECK(granted(consider(both, {}, request(1'000, 4'096)))->reply_tokens_max == 500);
  both.max_tokens = 1'400;  // less 70 for the summary
  CHECK(granted(consider(both, {}, request(1'000, 4'096)))->reply_tokens_max == 330);
}

TEST_CASE("a ledger keeps one reservation per run and forgets it with the run",
          "[domain][budget]") {
  auto books = ledger{};
  CHECK_FALSE(granted(books.reserve(run, {}, request(10, 300))));  // no account
  books.open(run, tokens(10'000));
  CHECK(granted(books.reserve(run, {}, request(1'000, 500))));
  CHECK(books.reserved_tokens() == 1'500);
  CHECK(granted(books.reserve(run, {1'200, 0.0}, request(2'000, 500))));
  CHECK(books.reserved_tokens() == 2'500);  // the one before is over
  CHECK_FALSE(granted(books.reserve(run, {9'900, 0.0}, request(2'000, 500))));
  CHECK(books.reserved_tokens() == 0);
  CHECK(granted(books.reserve(run, {}, request(1, 1))));
  books.open(run, tokens(1));  // opening twice changes nothing
  CHECK(granted(books.reserve(run, {}, request(1'000, 500))));
  books.close(run);
  CHECK(books.reserved_tokens() == 0);
  books.close(run);
}

}  // namespace
}  // namespace persona_runtime
