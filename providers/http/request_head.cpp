#include "providers/http/request_head.hpp"

#include "domain/text/ascii_case.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {

namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || marks.find(c) != std::string_view::npos;
  });
}

bool breaks_line(std::string_view value) {
  return value.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos;
}

/// They frame the message or name the peer: wrong ones would smuggle a second request.
bool is_ours(std::string_view name) {
  static constexpr auto ours = std::array<std::string_view, 7>{
    "host",   "content-length", "transfer-encoding", "connection", "accept-encoding",
    "expect", "upgrade"};
  return std::any_of(ours.begin(), ours.end(), [&](auto o) { return ascii_equal(name, o); });
}

bool carries_length(const http_request& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT"
         || request.method == "PATCH";
}

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

result<std::string> request_head(const http_request& request, const http_url& url) {
  if (!is_token(request.method)) {
    return failure{errc::validation_error, "the HTTP method is not a token"};
  }
  auto head = std::string{};
  head.reserve(256 + url.target.size());
  head.append(request.method).append(" ").append(url.target).append(" HTTP/1.1\r\n");
  append_header(head, "Host", url.authority);
  auto has_agent = false;
  auto has_accept = false;
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || breaks_line(value)) {
      return failure{errc::validation_error, "a request header has a line break or a bad name"};
    }
    if (is_ours(name)) {
      return failure{errc::validation_error, "the header " + name + " is set by the client"};
    }
    has_agent = has_agent || ascii_equal(name, "user-agent");
    has_accept = has_accept || ascii_equal(name, "accept");
    append_header(head, name, value);
  }
  if (!has_agent) {
    append_header(head, "User-Agent", "persona-runtime");
  }
  if (!has_accept) {
    append_header(head, "Accept", "*/*");
  }
  append_header(head, "Accept-Encoding", "identity");  // nobody here decompresses
  if (carries_length(request)) {
    append_header(head, "Content-Length", std::to_string(request.body.size()));
  }
  return head.append("\r\n");
}

}  // namespace persona_runtime
