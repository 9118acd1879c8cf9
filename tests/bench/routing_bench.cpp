// How long it takes to decide which tier a turn goes to. Usage: routing_bench [DECISIONS]; prints
// one line per case. Given DECISIONS it makes so many by score and prints nothing: under
// `valgrind --tool=callgrind`, the difference between two such runs is what one decision costs.

#include "bootstrap/message_tables_file.hpp"
#include "domain/tier/routing/message_signals.hpp"
#include "domain/tier/routing/select_model.hpp"
#include "domain/tier/routing/unified_router.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace persona_runtime;

namespace {

tier_entry tier_of(const char* name, double in, double out, double latency_ms) {
  auto member = model_entry{};
  member.provider = "anthropic";
  member.model = std::string{name} + "-model";
  auto metadata = tier_metadata{};
  metadata.cost_input_per_1k_tokens = in;
  metadata.cost_output_per_1k_tokens = out;
  metadata.first_token_latency_ms = latency_ms;
  metadata.context_window = 200'000;
  metadata.tools = tool_strength::strong;
  return {name, {member}, metadata};
}

tier_table priced_tiers() {
  return {{tier_of("frontier", 1.5, 7.5, 1200), tier_of("mid", 0.08, 0.40, 400),
           tier_of("small", 0.005, 0.008, 100)}};
}

/// Decides `count` times; every decision is looked at, so that none is left out.
std::size_t decide_often(const turn_routing& how, const tier_table& tiers, std::size_t count) {
  auto context = routing_context{};
  auto seen = std::size_t{0};
  for (auto i = std::size_t{0}; i < count; ++i) {
    context.estimated_input_tokens = i % 4'000;
    context.is_identity_sensitive = i % 2 == 0;
    seen += route_turn(how, context, &tiers)->tier.size();
  }
  return seen;
}

template <class Body>
void measure(const char* name, std::size_t count, const Body& body) {
  static_cast<void>(body(count / 10));
  const auto begin = std::chrono::steady_clock::now();
  const auto seen = body(count);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%-28s %8.3f us (%zu)\n", name, took.count() * 1e6 / static_cast<double>(count),
              seen);
}

void measure_decisions(const tier_table& tiers) {
  constexpr auto count = std::size_t{1'000'000};
  for (const auto router : {router_kind::heuristic, router_kind::unified}) {
    auto how = turn_routing{};
    how.router = router;
    measure(name_of(router).data(), count,
            [&](std::size_t n) { return decide_often(how, tiers, n); });
  }
  auto wished = turn_routing{};
  wished.wish = tier_wish::small;
  measure("a wished tier", count, [&](std::size_t n) { return decide_often(wished, tiers, n); });
}

/// Behind the decision, for personas that want it: which of three models is asked first.
void measure_choice() {
  auto tier = tier_entry{"mid", {}};
  auto traits = model_traits_table{};
  for (const auto* name : {"dear", "good", "cheap"}) {
    auto& member = tier.members.emplace_back();
    member.provider = "anthropic";
    member.model = name;
    member.price = model_price{0.1 * static_cast<double>(tier.members.size()), 1};
    member.context_window = 200'000;
    traits[member.label()] = {0.5, 300};
  }
  measure("choosing among three models", 100'000, [&](std::size_t n) {
    auto seen = std::size_t{0};
    for (auto i = std::size_t{0}; i < n; ++i) {
      const auto chosen = select_model(tier, {}, {}, {}, traits);
      seen += asking_order(tier, chosen->model, false).size();
    }
    return seen;
  });
}

/// Beside the decision: what the words of a message of usual length say.
int measure_signals() {
  const auto tables = load_message_tables(PERSONA_SOURCE_DIR "/config", "default");
  if (!tables) {
    std::fprintf(stderr, "%s\n", tables.error().detail.c_str());
    return 1;
  }
  const auto words = std::set<std::string>{"prices", "berths", "vessels"};
  const auto message =
    std::string{"Could you tell me which pontoon is closest to the fuel dock, and whether it is "
                "free from Friday afternoon until Monday morning?"};
  measure("signals of 128 characters", 10'000, [&](std::size_t n) {
    auto seen = std::size_t{0};
    for (auto i = std::size_t{0}; i < n; ++i)
      seen += context_of_turn(message, 2, false, words, (*tables)->signals).estimated_input_tokens;
    return seen;
  });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto tiers = priced_tiers();
  if (argc > 1) {
    auto how = turn_routing{};
    how.router = router_kind::unified;
    const auto count = static_cast<std::size_t>(std::strtoull(argv[1], nullptr, 10));
    return decide_often(how, tiers, count) == 1 ? 1 : 0;
  }
  measure_decisions(tiers);
  measure_choice();
  return measure_signals();
}
