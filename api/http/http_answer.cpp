#include "api/http/http_answer.hpp"

#include <array>
#include <chrono>

namespace persona_runtime::api {
namespace {

void add_header(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ");
  // A value may hold what a client sent; a line feed in it would begin another header.
  for (const auto c : value) {
    text.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);
  }
  text.append("\r\n");
}

std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

std::string_view reason_of(unsigned status) {
  struct row {
    unsigned status;
    std::string_view reason;
  };
  static constexpr auto rows = std::array{
    row{200, "OK"},
    row{201, "Created"},
    row{202, "Accepted"},
    row{204, "No Content"},
    row{400, "Bad Request"},
    row{401, "Unauthorized"},
    row{403, "Forbidden"},
    row{404, "Not Found"},
    row{405, "Method Not Allowed"},
    row{408, "Request Timeout"},
    row{409, "Conflict"},
    row{413, "Content Too Large"},
    row{415, "Unsupported Media Type"},
    row{422, "Unprocessable Content"},
    row{429, "Too Many Requests"},
    row{431, "Request Header Fields Too Large"},
    row{500, "Internal Server Error"},
    row{502, "Bad Gateway"},
    row{503, "Service Unavailable"},
  };
  for (const auto& row : rows) {
    if (row.status == status) {
      return row.reason;
    }
  }
  return {};
}

std::string head_text(const http_answer& answer, body_framing framing, std::string_view date,
                      std::string_view extra) {
  auto text = std::string{};
  text.reserve(256 + extra.size());
  text.append("HTTP/1.1 ").append(std::to_string(answer.status));
  text.append(" ").append(reason_of(answer.status)).append("\r\n");
  add_header(text, "Date", date);
  if (!answer.content_type.empty() && answer.status != 204) {
    add_header(text, "Content-Type", answer.content_type);
  }
  if (framing.chunked) {
    add_header(text, "Transfer-Encoding", "chunked");
  } else if (framing.length && answer.status != 204) {
    add_header(text, "Content-Length", std::to_string(*framing.length));
  }
  for (const auto& [name, value] : answer.headers) {
    add_header(text, name, value);
  }
  text.append(extra);
  add_header(text, "Connection", framing.keep_alive ? "keep-alive" : "close");
  return text.append("\r\n");
}

std::string http_date(instant when) {
  static constexpr auto days = std::array{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr auto months =
    std::array{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  using namespace std::chrono;
  const auto time = sys_time<milliseconds>{milliseconds{when.value}};
  const auto day = floor<std::chrono::days>(time);
  const auto date = year_month_day{day};
  const auto clock = hh_mm_ss{floor<seconds>(time - day)};
  auto text = std::string{days.at(weekday{day}.c_encoding())};
  text.append(", ").append(two_digits(static_cast<unsigned>(date.day()))).append(" ");
  text.append(months.at(static_cast<unsigned>(date.month()) - 1)).append(" ");
  text.append(std::to_string(static_cast<int>(date.year()))).append(" ");
  text.append(two_digits(static_cast<unsigned>(clock.hours().count()))).append(":");
  text.append(two_digits(static_cast<unsigned>(clock.minutes().count()))).append(":");
  return text.append(two_digits(static_cast<unsigned>(clock.seconds().count()))).append(" GMT");
}

}  // namespace persona_runtime::api
