#include "bootstrap/cli/explain_tokens.hpp"

#include "bootstrap/cli/json_lines.hpp"

#include <boost/json.hpp>

#include <istream>
#include <ostream>
#include <string>

namespace persona_runtime::cli {
namespace {

namespace json = boost::json;

json::object answer_text(const tokenizer& counter, const json::object& asked) {
  for (const auto& [key, value] : asked) {
    if (key != "id" && key != "text") {
      return line_error("unknown field \"" + std::string{key.substr(0, 64)}
                        + "\"; known are id and text");
    }
  }
  const auto* text = asked.if_contains("text");
  if (text == nullptr || !text->is_string())
    return line_error("\"text\" must be a string");
  json::object answer;
  const auto ids = counter.encode(text->get_string());
  answer["count"] = ids.size();
  answer["ids"] = json::array(ids.begin(), ids.end());
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
  std::string text(question_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > question_bytes_max) {
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
  return answer_lines(in, out,
                      [&](const json::object& asked) { return answer_text(counter, asked); });
}

}  // namespace persona_runtime::cli
