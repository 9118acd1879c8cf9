// Pages and answers of tools become well-formed text.

#include "domain/text/utf8.hpp"
#include "providers/tools/outside/html_text.hpp"
#include "providers/tools/outside/page_text.hpp"
#include "providers/tools/outside/tool_exchange.hpp"
#include "tests/fuzz/cuts.hpp"

#include <algorithm>

using namespace persona_runtime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::string_view{reinterpret_cast<const char*>(data), size};
  const auto line = std::min(bytes.find('\n'), bytes.size());
  const auto type = parse_content_type(bytes.substr(0, line));
  const auto body = bytes.substr(std::min(line + 1, bytes.size()));
  const auto form = form_of(type, body);
  const auto text = decode_page(body, type, form);
  fuzz::require(is_valid_utf8(text), "a page is no UTF-8\n");
  const auto page = read_html(text, "http://berth.example/a/b");
  fuzz::require(is_valid_utf8(page.text) && is_valid_utf8(page.title), "a text is no UTF-8\n");
  const auto answer = answer_of(body, body.size());
  fuzz::require(is_valid_utf8(answer.content), "an answer is no UTF-8\n");
  fuzz::require(tail_of(body, 50).size() <= 50, "a tail is too long\n");
  return 0;
}
