// Events do not depend on how their bytes are cut.

#include "providers/http/sse_parser.hpp"
#include "tests/fuzz/cuts.hpp"

#include <vector>

using namespace persona_runtime;

namespace {

struct outcome {
  std::vector<std::string> events;
  bool healthy = true;
  friend bool operator==(const outcome&, const outcome&) = default;
};

template <class Cut>
outcome parse(Cut&& cut) {
  auto all = outcome{};
  auto parser = sse_parser{[&](const sse_event& e) {
    all.events.push_back(std::string{e.name} + "|" + std::string{e.id} + "|" + std::string{e.data});
    return true;
  }};
  cut([&](std::string_view piece) { return all.healthy = parser.feed(piece); });
  all.healthy = all.healthy && parser.finish();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto bytes = std::string_view{reinterpret_cast<const char*>(data) + 1, size - 1};
  auto whole = parse([&](auto&& feed) { feed(bytes); });
  auto cut = parse([&](auto&& feed) { fuzz::in_pieces(bytes, data[0], feed); });
  fuzz::require(whole == cut, "the events depend on the cuts\n");
  return 0;
}
