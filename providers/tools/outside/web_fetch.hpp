#pragma once
// The tool that reads a page of the Internet.

#include "providers/tools/outside/guarded_fetch.hpp"
#include "providers/tools/outside/html_text.hpp"
#include "providers/tools/tool_body.hpp"
#include "providers/tools/worker_pool.hpp"

#include <memory>
#include <string>

namespace persona_runtime {

struct web_fetch_options {
  fetch_limits fetch;
  target_policy targets;
  html_limits html;
  std::string user_agent =
    "persona-runtime (web_fetch; reads single pages that a user's task needs)";
};

/// `web_fetch`: arguments `url` and `max_chars`, result the page's text, cut to that many
/// characters (code points). Follows redirects, each one checked as the first URL is; reads HTML
/// (html_text.hpp), text, JSON and XML. `data`: url as asked for, final_url, status, content_type,
/// title, extracted, original_length when cut.
///
/// Pages are read on `pool`. `client` and `resolver` must outlive the tool's calls, `io` their
/// handles too. Does not check arguments.
[[nodiscard]] std::shared_ptr<tool_body>
make_web_fetch(http_client& client, host_resolver& resolver, boost::asio::io_context& io,
               std::shared_ptr<worker_pool> pool, web_fetch_options options = {});

}  // namespace persona_runtime
