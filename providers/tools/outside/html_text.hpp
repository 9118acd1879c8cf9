#pragma once
// The readable part of an HTML page as plain text with a little Markdown.

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace persona_runtime {

/// What a hostile page may cost. HTML's rules for broken markup can make a document grow with the
/// square of its source, in memory and in time.
struct html_limits {
  std::size_t memory_bytes_max = 96u << 20;
  std::chrono::milliseconds parse_time_max{1'500};
  std::size_t text_bytes_max = 4u << 20;
};

struct html_page {
  std::string title;
  std::string text;  // empty: the page has none of its own, it is drawn by scripts
};

/// The page's main element or, without one, its body: headings with `#`, lists with `-` or
/// numbers, tables as rows with `|`, links as [text](absolute URL). Left out: scripts, styles,
/// form controls, navigation, page header and footer, what is marked as hidden. `html` must be
/// well-formed UTF-8; `base_url` is where it came from.
///
/// Never recursive, so depth is no danger. A page beyond the limits is only stripped of its tags.
[[nodiscard]] html_page read_html(std::string_view html, std::string_view base_url,
                                  const html_limits& limits = {});

}  // namespace persona_runtime
