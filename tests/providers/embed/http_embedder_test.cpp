#include "providers/embed/http_embedder.hpp"
#include "tests/support/catch.hpp"

#include <optional>

using namespace persona_runtime;
using namespace std::chrono_literals;

namespace {

class silent_call final : public pending_call {
public:
  void cancel() noexcept override {}
};

/// A client that answers at once with what the test says.
class canned_client final : public http_client {
public:
  std::unique_ptr<pending_call> start(http_request request,
                                      std::shared_ptr<http_handler> handler) override {
    asked = std::move(request);
    if (error) {
      handler->on_error(*error);
    } else {
      handler->on_head({status, {}});
      handler->on_body(std::string_view{answer}.substr(0, answer.size() / 2));
      handler->on_body(std::string_view{answer}.substr(answer.size() / 2));
      handler->on_end();
    }
    return std::make_unique<silent_call>();
  }
  void close_idle(std::size_t) override {}

  http_request asked;
  int status = 200;
  std::string answer;
  std::optional<http_error> error;
};

result<embeddings> ask(const std::shared_ptr<canned_client>& client,
                       std::vector<std::string> texts) {
  auto options = http_embedder_options{"http://127.0.0.1:1/v1/", "small", "sk-key"};
  auto got = std::optional<result<embeddings>>{};
  (void)make_http_embedder(options, client)
    ->encode(std::move(texts), 300ms, [&](result<embeddings> made) { got = std::move(made); });
  REQUIRE(got.has_value());
  return *got;
}

}  // namespace

TEST_CASE("an endpoint is asked in OpenAI's form and its vectors are scaled",
          "[providers][embed]") {
  auto client = std::make_shared<canned_client>();
  client->answer = R"({"object":"list","model":"small","data":[)"
                   R"({"index":1,"embedding":[0,2]},{"index":0,"embedding":[3,4]}]})";
  const auto got = ask(client, {"one \"quoted\"", "two"}).value();
  REQUIRE(got.size() == 2);
  CHECK(got[0][0] == Approx(0.6F));
  CHECK(got[0][1] == Approx(0.8F));
  CHECK(got[1] == embedding{0.0F, 1.0F});
  CHECK(client->asked.method == "POST");
  CHECK(client->asked.url == "http://127.0.0.1:1/v1/embeddings");
  CHECK(client->asked.body
        == R"({"model":"small","input":["one \"quoted\"","two"],"encoding_format":"float"})");
  CHECK(client->asked.timeouts.total == 300ms);
  CHECK(client->asked.headers.back().second == "Bearer sk-key");
}

TEST_CASE("TR-03 nobody is asked for no vectors", "[providers][embed]") {
  auto client = std::make_shared<canned_client>();
  CHECK(ask(client, {}).value().empty());
  CHECK(client->asked.url.empty());
}

TEST_CASE("an endpoint that fails or talks nonsense is an error that says what",
          "[providers][embed]") {
  auto client = std::make_shared<canned_client>();
  client->status = 500;
  CHECK(ask(client, {"a"}).error().detail == "embeddings: the endpoint answered 500");
  CHECK(ask(client, {"a"}).error().code == errc::model_unavailable);
  client->error = http_error{http_error_kind::timeout, "no answer within 300 ms"};
  CHECK(ask(client, {"a"}).error().detail == "embeddings: no answer within 300 ms");

  const auto refused = [](const std::string& json, std::size_t count) {
    const auto read = read_embeddings(json, count);
    return read ? std::string{} : read.error().detail;
  };
  CHECK(refused("{", 1).find("not JSON") != std::string::npos);
  CHECK(refused(R"({"data":{}})", 1).find("not JSON") != std::string::npos);
  CHECK(refused(R"({"data":[]})", 1).find("0 vectors for 1") != std::string::npos);
  CHECK_FALSE(refused(R"({"data":[{"index":1,"embedding":[1]}]})", 1).empty());
  CHECK_FALSE(refused(R"({"data":[{"index":0,"embedding":[]}]})", 1).empty());
  CHECK_FALSE(refused(R"({"data":[{"index":0,"embedding":["x"]}]})", 1).empty());
  CHECK_FALSE(refused(R"({"data":[{"index":0,"embedding":"AAAA"}]})", 1).empty());
  CHECK_FALSE(
    refused(R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})", 2).empty());
  CHECK(refused(R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]})", 2)
          .find("differ")
        != std::string::npos);
  CHECK(read_embeddings(R"({"data":[]})", 0).value().empty());
}
