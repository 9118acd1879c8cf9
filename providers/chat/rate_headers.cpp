#include "providers/chat/rate_headers.hpp"

#include "domain/text/ascii_case.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace persona_runtime {
namespace {

using namespace std::string_literals;

constexpr auto openai_prefix = "x-ratelimit-";
constexpr auto anthropic_prefix = "anthropic-ratelimit-";
constexpr double month_ms = 31.0 * 86'400'000;

std::optional<std::uint64_t> count_of(std::string_view text) {
  auto value = std::uint64_t{0};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr auto count_max = std::uint64_t{1'000'000'000'000};
  if (error != std::errc{} || end != text.data() + text.size() || value > count_max)
    return std::nullopt;
  return value;
}

/// A number without a sign at the front of `text`, which is taken away.
std::optional<double> take_number(std::string_view& text) {
  auto digits = std::size_t{0};
  while (digits < text.size()
         && ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.'))
    ++digits;
  auto value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (digits == 0 || digits > 16 || error != std::errc{} || end != text.data() + digits)
    return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

/// Milliseconds of the unit at the front of `text`, which is taken away; 0: there is none.
double take_unit(std::string_view& text) {
  const auto takes = [&text](std::string_view unit) {
    if (!text.starts_with(unit))
      return false;
    text.remove_prefix(unit.size());
    return true;
  };
  if (takes("ms"))
    return 1;
  if (takes("s"))
    return 1'000;
  if (takes("m"))
    return 60'000;
  if (takes("h"))
    return 3'600'000;
  return takes("d") ? 86'400'000 : 0;
}

rate_window window_of(const http_response_head& head, const std::string& before,
                      const std::string& behind) {
  const auto header = [&](std::string_view what) {
    return head.header(before + std::string{what} + behind);
  };
  auto window = rate_window{};
  window.limit = count_of(header("limit"));
  window.remaining = count_of(header("remaining"));
  window.reset_ms = reset_duration_ms(header("reset"));
  return window;
}

bool is_rate_header(const std::pair<std::string, std::string>& header) {
  const auto begins = [&](std::string_view with) {
    return ascii_equal(std::string_view{header.first}.substr(0, with.size()), with);
  };
  return begins(openai_prefix) || begins(anthropic_prefix);
}

}  // namespace

std::optional<std::uint64_t> reset_duration_ms(std::string_view text) {
  auto total = 0.0;
  auto has_unit = false;
  if (text.empty())
    return std::nullopt;
  while (!text.empty()) {
    const auto value = take_number(text);
    const auto unit = value ? take_unit(text) : 0;
    const auto is_plain = value && unit == 0 && text.empty() && !has_unit;
    if (!value || (unit == 0 && !is_plain))
      return std::nullopt;
    total += *value * (is_plain ? 1'000 : unit);
    has_unit = true;
  }
  if (total > month_ms)
    return std::nullopt;
  return static_cast<std::uint64_t>(total);
}

rate_report rate_report_of(const http_response_head& head) {
  if (std::ranges::none_of(head.headers, is_rate_header))
    return {};
  auto said = rate_report{window_of(head, openai_prefix, "-requests"),
                          window_of(head, openai_prefix, "-tokens")};
  if (said != rate_report{})
    return said;
  return {window_of(head, anthropic_prefix + "requests-"s, ""),
          window_of(head, anthropic_prefix + "tokens-"s, "")};
}

}  // namespace persona_runtime
