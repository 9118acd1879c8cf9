#include "bootstrap/cli/init_command.hpp"

#include "bootstrap/cli/terminal_text.hpp"
#include "domain/persona/parse_persona.hpp"
#include "domain/text/json_text.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <istream>
#include <ostream>
#include <system_error>

namespace persona_runtime::cli {
namespace {

constexpr auto answer_most = std::size_t{16} << 10;  // bytes of one line
constexpr auto list_most = std::size_t{100};
constexpr auto tries_most = 3;

struct answers {
  std::string id;
  std::string name;
  std::string role;
  std::string background;
  std::string language;
  std::vector<std::string> constraints;
  std::vector<std::string> tools;
  std::vector<std::string> skills;
};

class interview {
public:
  interview(std::istream& in, std::ostream& err) : in_{in}, err_{err} {}

  /// Empty at the end of the input.
  std::string ask(std::string_view question) {
    err_ << question << ' ' << std::flush;
    auto line = std::string{};
    std::getline(in_, line);
    line.resize(std::min(line.size(), answer_most));
    return std::string{stripped(line)};
  }
  std::string ask(std::string_view question, const std::optional<std::string>& given) {
    return given ? std::string{stripped(*given)} : ask(question);
  }
  /// Again while nothing is said; empty: nobody answers.
  std::string need(std::string_view question, const std::optional<std::string>& given) {
    auto answer = ask(question, given);
    for (auto i = 1; i < tries_most && answer.empty() && !given && in_; ++i)
      answer = ask("It is needed. " + std::string{question});
    return answer;
  }
  std::vector<std::string> lines(std::string_view question, const std::vector<std::string>& given) {
    auto out = given;
    if (!given.empty())
      return out;
    for (auto line = ask(question); !line.empty() && out.size() < list_most;
         line = ask("  one more:"))
      out.push_back(std::move(line));
    return out;
  }
  std::vector<std::string> names(std::string_view question, const std::vector<std::string>& given) {
    return given.empty() ? split(ask(question)) : given;
  }

private:
  static std::vector<std::string> split(std::string_view text) {
    auto out = std::vector<std::string>{};
    while (!text.empty() && out.size() < list_most) {
      const auto end = std::min(text.find(','), text.size());
      if (const auto name = stripped(text.substr(0, end)); !name.empty())
        out.emplace_back(name);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
  }

  std::istream& in_;
  std::ostream& err_;
};

/// A name as the name of a file: "Odd Berg" becomes "odd_berg".
std::string id_from(std::string_view name) {
  auto out = std::string{};
  for (const auto c : name) {
    const auto is_upper = c >= 'A' && c <= 'Z';
    const auto lower = is_upper ? static_cast<char>(c + ('a' - 'A')) : c;
    if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9'))
      out += lower;
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (!out.empty() && out.back() == '_')
    out.pop_back();
  return out.empty() ? "persona" : out;
}

answers all_of(const init_options& given, interview& talk) {
  auto out = answers{};
  if (given.name && given.role && given.background) {
    out = {given.id.value_or(""),       *given.name,       *given.role, *given.background,
           given.language.value_or(""), given.constraints, given.tools, given.skills};
  } else {
    out.id = talk.ask("id (blank: made of the name):", given.id);
    out.name = talk.need("name:", given.name);
    out.role = talk.need("role, such as \"harbour clerk\":", given.role);
    out.background = talk.need("background, in a sentence or two:", given.background);
    out.language = talk.ask("language (blank: en):", given.language);
    out.constraints =
      talk.lines("what it must not do, one a line (blank: no more):", given.constraints);
    out.tools = talk.names("tools, with commas between them (blank: none):", given.tools);
    out.skills = talk.names("skills, with commas between them (blank: none):", given.skills);
  }
  if (out.id.empty())
    out.id = id_from(out.name);
  return out;
}

std::string quoted_text(std::string_view text) {
  auto out = std::string{};
  append_json_string(out, text);
  return out;
}

std::string list_text(const std::vector<std::string>& items) {
  auto out = std::string{"["};
  for (const auto& item : items)
    out += (out.size() > 1 ? ", " : "") + quoted_text(item);
  return out + ']';
}

std::string document_of(const answers& a) {
  auto out = std::string{"# Every field: docs/personas.md. Check it with `persona validate`.\n"};
  out += "persona_id: " + quoted_text(a.id) + "\nschema_version: \"1.0\"\nidentity:\n";
  out += "  name: " + quoted_text(a.name) + "\n  role: " + quoted_text(a.role) + '\n';
  out += "  background: " + quoted_text(a.background) + '\n';
  out += "  language_default: " + quoted_text(a.language.empty() ? "en" : a.language) + '\n';
  out += "  constraints:" + std::string{a.constraints.empty() ? " []\n" : "\n"};
  for (const auto& constraint : a.constraints)
    out += "    - " + quoted_text(constraint) + '\n';
  out += "tools: " + list_text(a.tools) + "\nskills: " + list_text(a.skills) + '\n';
  return out;
}

void warn_of_unknown(std::string_view what, const std::vector<std::string>& names,
                     const std::vector<std::string>& known, std::ostream& err) {
  for (const auto& name : names) {
    if (name.find(':') == std::string::npos && name != "*" && !std::ranges::count(known, name)) {
      err << "warning: no " << what << " called " << safe_line(name)
          << " comes with the runtime; it is kept\n";
    }
  }
}

/// Beside the file and then in its place: never half a file.
bool write_whole(const std::filesystem::path& file, const std::string& text) {
  auto draft = file;
  draft += ".new";
  auto failed = std::error_code{};
  {
    auto to = std::ofstream{draft, std::ios::binary | std::ios::trunc};
    to << text << std::flush;
    if (!to) {
      std::filesystem::remove(draft, failed);
      return false;
    }
  }
  std::filesystem::rename(draft, file, failed);
  return !failed;
}

bool may_write(const init_options& options, const std::filesystem::path& file, interview& talk) {
  auto error = std::error_code{};
  if (options.force || !std::filesystem::exists(std::filesystem::symlink_status(file, error)))
    return true;
  const auto answer = talk.ask(safe_line(file.native()) + " exists; replace it? [y/N]");
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace

const std::vector<std::string>& known_tools() {
  static const auto names = std::vector<std::string>{
    "calculator",  "datetime", "file_read", "file_write",     "forget",    "json_query",
    "regex_match", "remember", "text_diff", "text_summarize", "web_fetch", "web_search"};
  return names;
}

int init_persona(const init_options& options, std::istream& in, std::ostream& out,
                 std::ostream& err) {
  auto talk = interview{in, err};
  const auto said = all_of(options, talk);
  for (const auto& [what, value] :
       {std::pair{"name", &said.name}, {"role", &said.role}, {"background", &said.background}}) {
    if (value->empty()) {
      err << "\npersona init: a " << what << " is needed: answer, or give --" << what << '\n';
      return 1;
    }
  }
  const auto text = document_of(said);
  if (const auto read = parse_persona(text); !read) {
    for (const auto& p : read.error().problems)
      err << "persona init: " << describe(p, "") << '\n';
    return 1;
  }
  warn_of_unknown("tool", said.tools, known_tools(), err);
  warn_of_unknown("skill", said.skills, {"code_review", "document_generation", "web_research"},
                  err);
  if (options.output == "-") {
    out << text;
    return 0;
  }
  const auto file =
    std::filesystem::path{options.output.empty() ? id_from(said.id) + ".yaml" : options.output};
  if (!may_write(options, file, talk)) {
    err << "aborted\n";
    return 0;
  }
  if (!write_whole(file, text)) {
    err << "persona init: " << safe_line(file.native())
        << " cannot be written; is there such a folder, and room?\n";
    return 1;
  }
  out << safe_line(file.native()) << '\n';
  return 0;
}

}  // namespace persona_runtime::cli
