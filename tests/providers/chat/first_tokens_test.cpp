#include "providers/chat/first_tokens.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fakes.hpp"

namespace persona_runtime {
namespace {

using namespace test;

struct quiet_sink final : text_sink {
  void on_text(std::string_view delta) override { text += delta; }
  void on_reasoning(std::string_view) override {}
  void on_unshown(std::size_t bytes) override { unshown += bytes; }
  std::string text;
  std::size_t unshown = 0;
};

/// A model at a desk, and a clock that stands still until it is told.
struct timed_desk {
  std::shared_ptr<quiet_sink> call() {
    auto request = chat_request{};
    auto sink = std::make_shared<quiet_sink>();
    request.sink = sink;
    static_cast<void>(model->start(std::move(request), [](const auto&) {}));
    return sink;
  }
  text_sink& newest() { return *desk->desk.calls.back()->request.sink; }

  double now = 1'000;
  std::shared_ptr<first_token_book> book = std::make_shared<first_token_book>();
  std::shared_ptr<desk_provider> desk = std::make_shared<desk_provider>();
  std::shared_ptr<chat_provider> model = timed(desk, "lab/quick", book, [this] { return now; });
};

TEST_CASE("AC-LAT a call is timed from its start to the first text that is not empty",
          "[providers][chat]") {
  auto d = timed_desk{};
  for (const auto took : {100.0, 200.0, 300.0, 400.0, 500.0}) {
    CHECK_FALSE(d.book->estimate_ms("lab/quick"));  // fewer than five say too little
    const auto heard = d.call();
    d.now += took;
    d.newest().on_reasoning("thinking");
    d.newest().on_text("");
    d.newest().on_text("Th");
    d.now += 5'000;
    d.newest().on_text("ree");
    CHECK(heard->text == "Three");
  }
  CHECK(d.book->estimate_ms("lab/quick") == 300);
  CHECK_FALSE(d.book->estimate_ms("lab/other"));
}

TEST_CASE("AC-LAT a call that nobody reads along, or that says nothing, is not timed",
          "[providers][chat]") {
  auto d = timed_desk{};
  for (auto i = 0; i < 6; ++i) {
    static_cast<void>(d.model->start({}, [](const auto&) {}));
    const auto heard = d.call();
    d.newest().on_reasoning("only thinking");
    d.newest().on_unshown(7);
    CHECK(heard->unshown == 7);
  }
  CHECK_FALSE(d.book->estimate_ms("lab/quick"));
}

}  // namespace
}  // namespace persona_runtime
