#include "providers/embed/http_embedder.hpp"

#include "domain/text/json_text.hpp"

#include <simdjson.h>

#include <cmath>
#include <utility>

namespace persona_runtime {
namespace {

constexpr auto dimension_max = std::size_t{8'192};
constexpr auto answer_bytes_max = std::uint64_t{16} << 20;

failure unusable(const std::string& why) {
  return {errc::model_unavailable, "embeddings: " + why};
}

/// One answer, gathered on the client's thread.
class gathering final : public http_handler {
public:
  gathering(std::size_t count, embeddings_callback done) : count_{count}, done_{std::move(done)} {}

  void on_head(const http_response_head& head) override { status_ = head.status; }
  void on_body(std::string_view bytes) override { body_ += bytes; }
  void on_end() override {
    if (status_ != 200)
      done_(unusable("the endpoint answered " + std::to_string(status_)));
    else
      done_(read_embeddings(body_, count_));
  }
  void on_error(const http_error& error) override { done_(unusable(error.detail)); }

private:
  std::size_t count_;
  embeddings_callback done_;
  int status_ = 0;
  std::string body_;
};

class nothing_asked final : public pending_call {
public:
  void cancel() noexcept override {}
};

std::string name_of(const http_embedder_options& options) {
  auto name = "http/" + options.model;
  return options.dimension ? name + '@' + std::to_string(*options.dimension) : name;
}

class http_embedder final : public embedder {
public:
  http_embedder(http_embedder_options options, std::shared_ptr<http_client> client)
    : options_{std::move(options)}, client_{std::move(client)}, name_{name_of(options_)} {
    while (options_.base_url.ends_with('/'))
      options_.base_url.pop_back();
  }

  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] std::size_t texts_max() const override { return 64; }
  [[nodiscard]] bool is_immediate() const override { return false; }

  [[nodiscard]] std::unique_ptr<pending_call> encode(std::vector<std::string> texts,
                                                     std::chrono::milliseconds time_limit,
                                                     embeddings_callback done) override {
    if (texts.empty()) {
      done(embeddings{});
      return std::make_unique<nothing_asked>();
    }
    auto request = http_request{};
    request.method = "POST";
    request.url = options_.base_url + "/embeddings";
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    if (!options_.api_key.empty())
      request.headers.emplace_back("Authorization", "Bearer " + options_.api_key);
    request.body = body_for(texts);
    request.timeouts = {time_limit, time_limit, time_limit, time_limit};
    request.body_bytes_max = answer_bytes_max;
    return client_->start(std::move(request),
                          std::make_shared<gathering>(texts.size(), std::move(done)));
  }

private:
  [[nodiscard]] std::string body_for(const std::vector<std::string>& texts) const {
    auto body = std::string{};
    auto o = json_writer{body};
    o.text("model", options_.model);
    append_json_list(o.key("input"), texts, [](std::string& out, const std::string& text) {
      append_json_string(out, text);
    });
    o.text("encoding_format", "float");
    if (options_.dimension)
      o.number("dimensions", *options_.dimension);
    o.close();
    return body;
  }

  http_embedder_options options_;
  std::shared_ptr<http_client> client_;
  std::string name_;
};

/// False: not a vector of finite numbers.
bool read_vector(simdjson::dom::element from, embedding& to) {
  auto numbers = simdjson::dom::array{};
  if (from.get(numbers) || numbers.size() == 0 || numbers.size() > dimension_max)
    return false;
  to.clear();
  for (const auto number : numbers) {
    auto value = 0.0;
    if (number.get(value) || !std::isfinite(value))
      return false;
    to.push_back(static_cast<float>(value));
  }
  normalise(to);
  return true;
}

}  // namespace

result<embeddings> read_embeddings(std::string_view json, std::size_t count) {
  auto parser = simdjson::dom::parser{};
  auto document = simdjson::dom::element{};
  auto items = simdjson::dom::array{};
  if (parser.parse(json.data(), json.size()).get(document) || document["data"].get(items))
    return unusable("the answer is not JSON with a list `data`");
  auto out = embeddings(count);
  auto read = std::size_t{0};
  for (const auto item : items) {
    auto index = std::uint64_t{0};
    auto vector = simdjson::dom::element{};
    if (item["index"].get(index) || item["embedding"].get(vector) || index >= count
        || !out[index].empty() || !read_vector(vector, out[index]))
      return unusable("the answer holds something that is no vector of what was asked");
    ++read;
  }
  if (read != count) {
    return unusable("the answer holds " + std::to_string(read) + " vectors for "
                    + std::to_string(count) + " texts");
  }
  for (const auto& vector : out) {
    if (vector.size() != out.front().size())
      return unusable("the answer's vectors differ in length");
  }
  return out;
}

std::shared_ptr<embedder> make_http_embedder(http_embedder_options options,
                                             std::shared_ptr<http_client> client) {
  return std::make_shared<http_embedder>(std::move(options), std::move(client));
}

}  // namespace persona_runtime
