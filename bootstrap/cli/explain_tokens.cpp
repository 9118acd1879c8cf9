#include "bootstrap/cli/explain_tokens.hpp"

#include <boost/json.hpp>

#include <istream>
#include <optional>
#include <ostream>
#include <string>

namespace persona_runtime::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t text_bytes_max = 16u << 20;

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
    is_too_long = is_too_long || line.size() == text_bytes_max;
    if (!is_too_long)
      line += static_cast<char>(c);
  }
  if (!has_any)
    return line_end::none;
  return is_too_long ? line_end::too_long : line_end::whole;
}

json::object error_of(std::string_view what) {
  json::object answer;
  answer["id"] = nullptr;  // the caller's, where it could be read
  answer["error"] = what;
  return answer;
}

json::object answer_text(const tokenizer& counter, const json::object& asked) {
  for (const auto& [key, value] : asked) {
    if (key != "id" && key != "text") {
      return error_of("unknown field \"" + std::string{key.substr(0, 64)}
                      + "\"; known are id and text");
    }
  }
  const auto* text = asked.if_contains("text");
  if (text == nullptr || !text->is_string())
    return error_of("\"text\" must be a string");
  json::object answer;
  if (asked.contains("id"))
    answer["id"] = nullptr;  // stands first
  const auto ids = counter.encode(text->get_string());
  answer["count"] = ids.size();
  answer["ids"] = json::array(ids.begin(), ids.end());
  return answer;
}

json::object answer_line(const tokenizer& counter, std::string_view line) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 64;
  const auto asked = json::parse(line, error, {}, options);
  if (error)
    return error_of("the line is not JSON: " + error.message());
  const auto* object = asked.if_object();
  if (object == nullptr)
    return error_of("the line is no JSON object");
  auto answer = answer_text(counter, *object);
  if (const auto* id = object->if_contains("id"))
    answer["id"] = *id;
  return answer;
}

/// A token as people can read it: quoted, with control bytes and broken characters escaped.
void print_token(std::string_view bytes, std::ostream& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  out << '"';
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      out << "\\x" << hex[byte >> 4] << hex[byte & 15];
    } else {
      out << (c == '"' || c == '\\' ? "\\" : "") << c;
    }
  }
  out << '"';
}

}  // namespace

int explain_tokens(const tokenizer& counter, std::istream& in, std::ostream& out,
                   std::ostream& err) {
  std::string text(text_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > text_bytes_max) {
    err << "the text is larger than 16 MiB; pass a part of it\n";
    return 1;
  }
  const auto ids = counter.encode(text);
  out << ids.size() << " tokens (cl100k_base), " << text.size() << " bytes\n";
  for (const auto id : ids) {
    out << "  " << id << "  ";
    print_token(counter.bytes_of(id), out);
    out << '\n';
  }
  return 0;
}

int explain_tokens_jsonl(const tokenizer& counter, std::istream& in, std::ostream& out) {
  std::string line;
  for (auto end = read_line(in, line); end != line_end::none; end = read_line(in, line)) {
    const bool is_blank = line.find_first_not_of(" \t\r") == std::string::npos;
    if (end == line_end::whole && is_blank)
      continue;
    const auto answer = end == line_end::too_long ? error_of("the line is longer than 16 MiB")
                                                  : answer_line(counter, line);
    out << json::serialize(answer) << '\n' << std::flush;
  }
  return 0;
}

}  // namespace persona_runtime::cli
