#pragma once
// One answer, and its head as text.

#include "domain/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime::api {

struct http_answer {
  unsigned status = 200;
  std::string body{};
  std::string_view content_type = "application/json";               // static text; empty: none
  std::vector<std::pair<std::string_view, std::string>> headers{};  // names are static texts
  bool close = false;   // the connection cannot be used again
  std::string cause{};  // of a 500, for the log; never sent
};

/// How the body's end is told.
struct body_framing {
  std::optional<std::size_t> length{};  // none: chunked, or until the connection closes
  bool chunked = false;
  bool keep_alive = true;
};

/// Status line and headers with the empty line. `extra` is text of complete header lines.
[[nodiscard]] std::string head_text(const http_answer& answer, body_framing framing,
                                    std::string_view date, std::string_view extra);

/// "Sun, 06 Nov 1994 08:49:37 GMT"
[[nodiscard]] std::string http_date(instant when);

/// "Not Found"; empty for a status that is not known.
[[nodiscard]] std::string_view reason_of(unsigned status);

}  // namespace persona_runtime::api
