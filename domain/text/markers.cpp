#include "domain/text/markers.hpp"

#include "domain/text/utf8.hpp"

#include <utility>

namespace persona_runtime {
namespace {

bool is_blank_or_mark(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '*' || c == '_' || c == '#' || c == '>';
}

/// A marker with all that goes with it.
struct found_marker {
  std::size_t begin = 0;  // of its line
  std::size_t end = 0;    // behind the marks and blanks that follow it
  bool is_final = false;
};

/// The marker at the beginning of the line that begins at `begin`.
std::optional<found_marker> marker_of_line(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  while (at < text.size() && is_blank_or_mark(text[at]))
    ++at;
  const bool is_final = text.substr(at, final_marker.size()) == final_marker;
  if (!is_final && text.substr(at, ask_marker.size()) != ask_marker)
    return std::nullopt;
  at += is_final ? final_marker.size() : ask_marker.size();
  while (at < text.size() && is_blank_or_mark(text[at]))
    ++at;
  return found_marker{begin, at, is_final};
}

/// Calls `visit(marker)` for every line-initial marker.
template <class Visit>
void for_each_marker(std::string_view text, Visit visit) {
  for (std::size_t begin = 0; begin < text.size();) {
    if (const auto marker = marker_of_line(text, begin))
      visit(*marker);
    const std::size_t line_end = text.find('\n', begin);
    begin = line_end == std::string_view::npos ? text.size() : line_end + 1;
  }
}

std::string without_ask_markers(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for_each_marker(text, [&](const found_marker& marker) {
    if (marker.is_final)
      return;
    out.append(text.substr(at, marker.begin - at));
    at = marker.end;
  });
  out.append(text.substr(at));
  for (std::size_t found = out.find(ask_marker); found != std::string::npos;
       found = out.find(ask_marker, found))
    out.erase(found, ask_marker.size());
  return std::string{stripped(out)};
}

}  // namespace

std::string without_markers(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for_each_marker(text, [&](const found_marker& marker) {
    out.append(text.substr(at, marker.begin - at));
    at = marker.end;
  });
  return out.append(text.substr(at));
}

std::optional<std::string> find_final(std::string_view text) {
  std::optional<found_marker> last;
  for_each_marker(text, [&last](const found_marker& marker) {
    if (marker.is_final)
      last = marker;
  });
  if (!last)
    return std::nullopt;
  const std::string_view behind = stripped(text.substr(last->end));
  if (!behind.empty())
    return std::string{behind};
  return std::string{stripped(without_markers(text.substr(0, last->begin)))};
}

std::optional<std::string> find_ask(std::string_view text) {
  bool found = false;
  for_each_marker(text, [&found](const found_marker& marker) { found |= !marker.is_final; });
  if (!found)
    return std::nullopt;
  return without_ask_markers(text);
}

reply_kind classify_reply(std::string_view text) {
  if (auto output = find_final(text))
    return final_output{std::move(*output)};
  if (auto question = find_ask(text))
    return user_question{std::move(*question)};
  const std::string_view body = stripped(text);
  if (body.find('?') != std::string_view::npos
      && character_count(body) <= heuristic_code_points_max)
    return user_question{without_ask_markers(body)};
  return plain_reasoning{};
}

std::string delta_filter::feed(std::string_view delta) {
  std::string out;
  out.reserve(delta.size());
  while (!delta.empty()) {
    if (place_ == place::in_line) {  // most text: up to the end of its line in one go
      const std::size_t line_end = delta.find('\n');
      out.append(delta.substr(0, line_end));
      if (line_end == std::string_view::npos)
        break;
      delta.remove_prefix(line_end);
    }
    take(delta.front(), out);
    delta.remove_prefix(1);
  }
  return out;
}

std::string delta_filter::flush() {
  place_ = place::line_begin;
  return std::exchange(held_, {});
}

void delta_filter::take(char c, std::string& out) {
  if (c == '\n') {
    out.append(held_).push_back(c);
    held_.clear();
    place_ = place::line_begin;
    return;
  }
  switch (place_) {
  case place::line_begin:
    if (!is_blank_or_mark(c)) {
      marker_begin_ = held_.size();
      take_in_marker(c, out);
      return;
    }
    held_.push_back(c);
    return;
  case place::in_marker:
    take_in_marker(c, out);
    return;
  case place::behind_marker:
    if (is_blank_or_mark(c))
      return;
    [[fallthrough]];
  case place::in_line:
    out.push_back(c);
    place_ = place::in_line;
  }
}

void delta_filter::take_in_marker(char c, std::string& out) {
  held_.push_back(c);
  const std::string_view so_far = std::string_view{held_}.substr(marker_begin_);
  if (so_far == final_marker || so_far == ask_marker) {
    held_.clear();
    place_ = place::behind_marker;
  } else if (final_marker.substr(0, so_far.size()) == so_far
             || ask_marker.substr(0, so_far.size()) == so_far) {
    place_ = place::in_marker;
  } else {
    out.append(held_);
    held_.clear();
    place_ = place::in_line;
  }
}

}  // namespace persona_runtime
