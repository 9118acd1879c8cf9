#include "providers/tools/outside/web_fetch.hpp"

#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/result_bounds.hpp"
#include "providers/tools/outside/page_text.hpp"
#include "providers/tools/outside/url_text.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/json.hpp>

#include <atomic>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr std::size_t chars_default = 4'000;
constexpr int status_first_error = 400;

tool_definition web_fetch_definition(std::chrono::milliseconds timeout) {
  return {
    .name = "web_fetch",
    .description =
      "Reads one page of the World Wide Web and returns its text. You can look at any public http "
      "or https address with this: use it whenever a task names a URL, or when a page would tell "
      "you what you would otherwise have to guess. Links in the text are absolute and can be read "
      "in turn. Pages that are drawn by scripts may come back empty.",
    .parameters = R"({"type":"object","additionalProperties":false,"properties":{)"
                  R"("url":{"type":"string","description":"The address, with http:// or https://",)"
                  R"("minLength":1,"maxLength":8000},)"
                  R"("max_chars":{"type":"integer","description":"How many characters of the text )"
                  R"(to return at most","minimum":1,"maximum":100000,"default":4000}},)"
                  R"("required":["url"]})",
    .effect = tool_effect::read_only,
    .exclusive = false,
    // The tool ends by itself first, with a better message.
    .timeout = timeout + std::chrono::seconds{5}};
}

struct fetch_arguments {
  std::string url;
  std::size_t max_chars = chars_default;
};

fetch_arguments read_arguments(std::string_view text) {
  auto error = boost::system::error_code{};
  const auto parsed = json::parse({text.data(), text.size()}, error);
  auto out = fetch_arguments{};
  const auto* fields = error ? nullptr : parsed.if_object();
  if (fields == nullptr)
    return out;
  if (const auto* url = fields->if_contains("url"); url != nullptr && url->is_string())
    out.url = std::string{url->get_string()};
  if (const auto* limit = fields->if_contains("max_chars"); limit != nullptr)
    out.max_chars = limit->to_number<std::size_t>(error);
  if (error)
    out.max_chars = chars_default;
  return out;
}

std::string status_text(int status) {
  const auto reason =
    boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return "HTTP " + std::to_string(status) + ": " + std::string{reason.data(), reason.size()};
}

/// From a fetched page to the result.
class page_reader {
public:
  page_reader(fetch_arguments asked, fetched page, const html_limits& limits)
    : asked_{std::move(asked)}, page_{std::move(page)}, limits_{limits},
      type_{parse_content_type(page_.answer.head.header("content-type"))}, form_{form_of(
                                                                             type_,
                                                                             page_.answer.body)} {}

  tool_result read() {
    if (page_.answer.head.status >= status_first_error)
      return error_result(status_text(page_.answer.head.status));
    if (form_ == page_form::other && !page_.answer.body.empty())
      return error_result("The page is not text that can be read here but "
                          + (type_.type.empty() ? "binary data" : type_.type) + ".");
    auto text = decode_page(page_.answer.body, type_, form_);
    if (form_ == page_form::html)
      return html_result(read_html(text, page_.url, limits_));
    return text_result(std::move(text), false);
  }

private:
  tool_result html_result(html_page page) {
    title_ = std::move(page.title);
    if (!page.text.empty())
      return text_result(std::move(page.text), true);
    auto out = tool_result{};
    out.content = "The page was read, but there is no text in it: most likely scripts draw it in "
                  "the browser. Another page or an address that returns data may have what you "
                  "are looking for.";
    out.data = data(false, 0);
    return out;
  }

  tool_result text_result(std::string text, bool extracted) {
    const auto length = character_count(text);
    auto out = tool_result{};
    out.truncated = length > asked_.max_chars || page_.answer.error.has_value();
    out.content = first_characters(text, asked_.max_chars);
    out.data = data(extracted, out.truncated ? length : 0);
    return out;
  }

  /// `length` of the whole text; 0: it was not cut.
  [[nodiscard]] std::string data(bool extracted, std::size_t length) const {
    auto out = json::object{{"url", asked_.url},
                            {"final_url", page_.url},
                            {"status", page_.answer.head.status},
                            {"content_type", repaired_utf8(type_.type)},
                            {"extracted", extracted}};
    if (!title_.empty())
      out["title"] = title_;
    if (length > 0)
      out["original_length"] = length;
    return json_text(out);
  }

  fetch_arguments asked_;
  fetched page_;
  html_limits limits_;
  content_type type_;
  page_form form_;
  std::string title_;
};

/// One call from its start to its result; shared by the handle and whoever works on it.
struct web_fetch_call {
  fetch_arguments asked;
  tool_body::on_done done;
  html_limits html;
  std::atomic<bool> cancelled{false};

  void tell(tool_result result) const {
    if (!cancelled)
      done(std::move(result));
  }
};

class web_fetch_handle final : public pending_call {
public:
  web_fetch_handle(std::shared_ptr<web_fetch_call> call, std::unique_ptr<pending_call> fetch)
    : call_{std::move(call)}, fetch_{std::move(fetch)} {}

  void cancel() noexcept override {
    call_->cancelled = true;
    fetch_->cancel();
  }

private:
  std::shared_ptr<web_fetch_call> call_;
  std::unique_ptr<pending_call> fetch_;
};

std::string problem_text(const fetch_problem& problem) {
  auto text = "The page was not read: " + problem.text;
  if (problem.refusal)
    text += " (" + std::string{token_of(*problem.refusal)} + ")";
  return text + ".";
}

class web_fetch final : public tool_body {
public:
  web_fetch(http_client& client, host_resolver& resolver, boost::asio::io_context& io,
            std::shared_ptr<worker_pool> pool, web_fetch_options options)
    : definition_{web_fetch_definition(options.fetch.timeout)}, options_{std::move(options)},
      guard_{resolver, options_.targets}, fetch_{client, guard_, io, options_.fetch}, pool_{
                                                                                        std::move(
                                                                                          pool)} {}

  const tool_definition& definition() const override { return definition_; }

  std::unique_ptr<pending_call> start(tool_request request, on_done done) override {
    auto call = std::make_shared<web_fetch_call>();
    call->asked = read_arguments(request.call.arguments);
    call->done = std::move(done);
    call->html = options_.html;
    auto headers = http_headers{
      {"User-Agent", options_.user_agent},
      {"Accept",
       "text/html, application/xhtml+xml, text/plain, application/json;q=0.9, */*;q=0.5"}};
    auto fetch = fetch_.start(
      call->asked.url, std::move(headers),
      [call, pool = pool_](fetch_outcome outcome) { take(call, *pool, std::move(outcome)); });
    return std::make_unique<web_fetch_handle>(std::move(call), std::move(fetch));
  }

private:
  /// Reading a page computes, which the thread of all sockets must not.
  static void take(const std::shared_ptr<web_fetch_call>& call, worker_pool& pool,
                   fetch_outcome outcome) {
    if (const auto* problem = std::get_if<fetch_problem>(&outcome))
      return call->tell(error_result(problem_text(*problem)));
    auto page = std::make_shared<fetched>(std::move(std::get<fetched>(outcome)));
    const auto queued = pool.submit([call, page] {
      if (!call->cancelled)
        call->tell(page_reader{call->asked, std::move(*page), call->html}.read());
    });
    if (!queued)
      call->tell(error_result("The page was not read: too many tools are at work; try again."));
  }

  tool_definition definition_;
  web_fetch_options options_;
  target_guard guard_;
  guarded_fetch fetch_;
  std::shared_ptr<worker_pool> pool_;
};

}  // namespace

std::shared_ptr<tool_body> make_web_fetch(http_client& client, host_resolver& resolver,
                                          boost::asio::io_context& io,
                                          std::shared_ptr<worker_pool> pool,
                                          web_fetch_options options) {
  return std::make_shared<web_fetch>(client, resolver, io, std::move(pool), std::move(options));
}

}  // namespace persona_runtime
