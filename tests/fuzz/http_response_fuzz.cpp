// Answers do not depend on how their bytes are cut, and a body never passes its bound.

#include "providers/http/response_parser.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace persona_runtime;

namespace {

constexpr std::uint64_t body_bytes_max = 200;

struct collector final : response_receiver {
  void on_parsed_head(http_response_head head) override {
    for (const auto& [name, value] : head.headers) {
      heads += name + ":" + value + "\n";
    }
    heads += std::to_string(head.status);
  }
  bool on_parsed_body(std::string_view bytes) override {
    body.append(bytes);
    return true;
  }
  std::string heads;
  std::string body;
};

struct outcome {
  std::string heads;
  std::string body;
  parse_state state;
  bool keeps_alive;
};

template <class Cut>
outcome parse(Cut&& cut) {
  auto into = collector{};
  auto parser = make_response_parser(into, {false, body_bytes_max});
  auto held = std::string{};
  cut([&](std::string_view piece) {
    held.append(piece);
    held.erase(0, parser->feed(held));
    return parser->state() == parse_state::wants_more;
  });
  if (parser->state() == parse_state::wants_more) {
    parser->finish();
  }
  return {into.heads, into.body, parser->state(), parser->keeps_alive()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto bytes = std::string_view{reinterpret_cast<const char*>(data) + 1, size - 1};
  auto whole = parse([&](auto&& feed) { feed(bytes); });
  auto cut = parse([&](auto&& feed) { fuzz::in_pieces(bytes, data[0], feed); });
  fuzz::require(whole.body.size() <= body_bytes_max, "a body passed its bound\n");
  fuzz::require(whole.state == cut.state, "the end depends on the cuts\n");
  if (whole.state == parse_state::done) {
    fuzz::require(whole.heads == cut.heads && whole.body == cut.body
                    && whole.keeps_alive == cut.keeps_alive,
                  "the answer depends on the cuts\n");
  }
  return 0;
}
