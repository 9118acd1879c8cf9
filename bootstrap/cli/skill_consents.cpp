#include "bootstrap/cli/skill_consents.hpp"

#include "bootstrap/cli/json_fields.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/text/json_text.hpp"
#include "domain/text/utf8.hpp"

#include <ostream>

namespace persona_runtime::cli {
namespace {

constexpr auto shown_hash_bytes = std::size_t{12};
constexpr auto asked_max = std::size_t{100};

std::string path_of(const std::string& persona) {
  return "/v1/personas/" + persona + "/skills";
}

bool is_yes(const std::string& text) {
  const auto word = stripped(text);
  return word == "y" || word == "yes" || word == "Y" || word == "Yes";
}

void put_question(const json::object& skill, std::ostream& out) {
  out << "The skill " << safe_line(text_at(skill, "name")) << " comes from a folder that nobody "
      << "vouches for (" << safe_line(text_at(skill, "source")) << ", content "
      << safe_line(text_at(skill, "content_hash").substr(0, shown_hash_bytes)) << "…).\n"
      << "It says of itself: " << safe_line(text_at(skill, "description")) << '\n'
      << std::flush;
}

void send_answer(run_server& server, const std::string& persona, const json::object& skill,
                 bool granted) {
  auto body = std::string{};
  auto o = json_writer{body};
  o.text("skill", text_at(skill, "name")).text("content_hash", text_at(skill, "content_hash"));
  o.flag("granted", granted).close();
  auto code = 0;
  static_cast<void>(
    server.body_of(server.request("PATCH", path_of(persona), std::move(body)), code));
}

}  // namespace

void ask_about_skills(run_server& server, const std::string& persona, line_source& lines,
                      std::ostream& out) {
  auto code = 0;
  const auto body = server.body_of(server.request("GET", path_of(persona)), code);
  auto broken = boost::system::error_code{};
  const auto skills = body ? json::parse(*body, broken) : json::value{};
  if (!body || broken || !skills.is_array())
    return;
  auto asked = std::size_t{0};
  for (const auto& each : skills.get_array()) {
    const auto* skill = each.if_object();
    if (skill == nullptr || text_at(*skill, "consent") != "none" || ++asked > asked_max)
      continue;
    put_question(*skill, out);
    const auto answer = lines.read("May this persona use it? [y/N] ");
    if (answer.what != line_source::kind::line)
      return;
    send_answer(server, persona, *skill, is_yes(answer.text));
  }
}

}  // namespace persona_runtime::cli
