#include "tests/providers/tools/outside/fake_web.hpp"

namespace persona_runtime::test {

class fake_client::call final : public pending_call {
public:
  explicit call(fake_client& owner) : owner_{owner} {}
  void cancel() noexcept override {
    const auto lock = std::lock_guard{owner_.mutex_};
    ++owner_.cancelled_;
  }

private:
  fake_client& owner_;
};

std::unique_ptr<pending_call> fake_client::start(http_request request,
                                                 std::shared_ptr<http_handler> handler) {
  const auto address = request.address.value_or("");
  {
    const auto lock = std::lock_guard{mutex_};
    sent_.push_back({request.url, address, request.headers});
  }
  if (const auto broken = unreachable.find(address); broken != unreachable.end()) {
    handler->on_error({broken->second, "it does not work", false});
    return std::make_unique<call>(*this);
  }
  const auto found = pages.find(request.url);
  const auto page = found != pages.end() ? found->second : fake_page{.status = 404};
  if (page.stalls)
    return std::make_unique<call>(*this);
  handler->on_head({page.status, page.headers});
  handler->on_body(std::string_view{page.body}.substr(0, page.body.size() / 2));
  handler->on_body(std::string_view{page.body}.substr(page.body.size() / 2));
  if (page.error)
    handler->on_error({*page.error, "it broke", true});
  else
    handler->on_end();
  return std::make_unique<call>(*this);
}

std::vector<sent_request> fake_client::sent() const {
  const auto lock = std::lock_guard{mutex_};
  return sent_;
}

std::size_t fake_client::cancelled() const {
  const auto lock = std::lock_guard{mutex_};
  return cancelled_;
}

void fake_resolver::resolve(std::string host, on_done done) {
  if (stalls)
    return;
  auto answer = result<addresses>{failure{errc::validation_error, "no such name"}};
  {
    const auto lock = std::lock_guard{mutex_};
    if (const auto found = names.find(host); found != names.end()) {
      answer = found->second.front();
      if (found->second.size() > 1)
        found->second.pop_front();
    }
  }
  done(std::move(answer));
}

http_headers location(std::string url) {
  return {{"Location", std::move(url)}};
}

}  // namespace persona_runtime::test
