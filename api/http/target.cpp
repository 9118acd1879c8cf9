#include "api/http/target.hpp"

#include <algorithm>

namespace persona_runtime::api {
namespace {

constexpr auto segments_max = std::size_t{16};
constexpr auto parameters_max = std::size_t{32};

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

// None: a broken escape, or a control character, which no path or query of ours contains.
std::optional<std::string> decode(std::string_view raw, bool plus_is_blank) {
  auto text = std::string{};
  text.reserve(raw.size());
  for (auto i = std::size_t{0}; i < raw.size(); ++i) {
    auto c = raw[i];
    if (c == '+' && plus_is_blank) {
      c = ' ';
    } else if (c == '%') {
      if (raw.size() - i < 3)
        return std::nullopt;
      const auto upper = hex_value(raw[i + 1]);
      const auto lower = hex_value(raw[i + 2]);
      if (upper < 0 || lower < 0)
        return std::nullopt;
      c = static_cast<char>(upper * 16 + lower);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return std::nullopt;
    text.push_back(c);
  }
  return text;
}

std::string_view without_authority(std::string_view raw) {
  for (const auto scheme : {std::string_view{"http://"}, std::string_view{"https://"}}) {
    if (raw.starts_with(scheme)) {
      const auto path = raw.find_first_of("/?", scheme.size());
      return path == std::string_view::npos ? std::string_view{"/"} : raw.substr(path);
    }
  }
  return raw;
}

// Calls `take` for each part; false as soon as `take` says so.
template <class Take>
bool each_part(std::string_view text, char separator, Take take) {
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0 && !take(text.substr(0, end)))
      return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

bool add_parameter(request_target& target, std::string_view part) {
  const auto equals = part.find('=');
  auto name = decode(part.substr(0, equals), true);
  auto value = equals == std::string_view::npos ? std::optional<std::string>{""}
                                                : decode(part.substr(equals + 1), true);
  if (!name || !value || target.query.size() == parameters_max)
    return false;
  target.query.emplace_back(std::move(*name), std::move(*value));
  return true;
}

}  // namespace

std::optional<std::string_view> request_target::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name)
      return value;
  }
  return std::nullopt;
}

result<request_target> parse_target(std::string_view raw) {
  raw = without_authority(raw);
  raw = raw.substr(0, raw.find('#'));
  const auto question = raw.find('?');
  auto target = request_target{};
  const auto path_read = each_part(raw.substr(0, question), '/', [&](std::string_view part) {
    auto segment = decode(part, false);
    if (!segment || target.segments.size() == segments_max)
      return false;
    target.segments.push_back(std::move(*segment));
    return true;
  });
  const auto query_read = question == std::string_view::npos
                          || each_part(raw.substr(question + 1), '&', [&](std::string_view part) {
                               return add_parameter(target, part);
                             });
  if (!path_read || !query_read) {
    return failure{errc::validation_error,
                   "the request's target has a broken %-escape, a control character, or too "
                   "many parts"};
  }
  return target;
}

}  // namespace persona_runtime::api
