#include "bootstrap/cli/json_lines.hpp"

#include <boost/json.hpp>

#include <istream>
#include <ostream>
#include <string>

namespace persona_runtime::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t line_bytes_max = 16u << 20;

enum class line_end : std::uint8_t { whole, too_long, none };

/// Like std::getline, but a line without an end cannot fill the memory: of one that is too long
/// the rest is read and dropped.
line_end read_line(std::istream& in, std::string& line) {
  line.clear();
  auto& bytes = *in.rdbuf();
  bool is_too_long = false;
  bool has_any = false;
  for (auto c = bytes.sbumpc(); c != std::char_traits<char>::eof(); c = bytes.sbumpc()) {
    has_any = true;
    if (c == '\n')
      return is_too_long ? line_end::too_long : line_end::whole;
    is_too_long = is_too_long || line.size() == line_bytes_max;
    if (!is_too_long)
      line += static_cast<char>(c);
  }
  if (!has_any)
    return line_end::none;
  return is_too_long ? line_end::too_long : line_end::whole;
}

/// The id stands first; an error has one in any case.
json::object with_id(const json::value* id, json::object answer) {
  auto out = json::object{};
  if (id != nullptr)
    out["id"] = *id;
  else if (answer.contains("error"))
    out["id"] = nullptr;
  for (auto& [name, value] : answer)
    out[name] = std::move(value);
  return out;
}

json::object answer_line(std::string_view line,
                         const std::function<json::object(const json::object&)>& answer) {
  auto failed = boost::system::error_code{};
  auto options = json::parse_options{};
  options.max_depth = 64;
  const auto asked = json::parse(line, failed, {}, options);
  if (failed)
    return with_id(nullptr, line_error("the line is not JSON: " + failed.message()));
  const auto* object = asked.if_object();
  if (object == nullptr)
    return with_id(nullptr, line_error("the line is no JSON object"));
  return with_id(object->if_contains("id"), answer(*object));
}

}  // namespace

json::object line_error(std::string_view what) {
  auto out = json::object{};
  out["error"] = what;
  return out;
}

int answer_lines(std::istream& in, std::ostream& out,
                 const std::function<json::object(const json::object&)>& answer) {
  auto line = std::string{};
  for (auto end = read_line(in, line); end != line_end::none; end = read_line(in, line)) {
    const auto is_blank = line.find_first_not_of(" \t\r") == std::string::npos;
    if (end == line_end::whole && is_blank)
      continue;
    const auto reply = end == line_end::too_long
                         ? with_id(nullptr, line_error("the line is longer than 16 MiB"))
                         : answer_line(line, answer);
    out << json::serialize(reply) << '\n' << std::flush;
  }
  return 0;
}

}  // namespace persona_runtime::cli
