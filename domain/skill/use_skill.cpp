#include "domain/skill/use_skill.hpp"

#include "domain/skill/skill_parameters.hpp"
#include "domain/text/joined.hpp"
#include "domain/text/json_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/arguments.hpp"
#include "domain/tool/result_bounds.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr std::size_t request_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t shown_name_bytes_max = 64;

constexpr std::string_view schema =
  R"({"type":"object","properties":{)"
  R"("skill_name":{"type":"string","description":"The name of the skill, as the list has it."},)"
  R"("parameters":{"anyOf":[{"type":"object"},{"type":"null"}],"default":null,)"
  R"("description":"What the skill lets you choose. Leave it out when it lets you choose nothing."}},)"
  R"("required":["skill_name"],"additionalProperties":false})";

skill_request refused_skill(std::string text) {
  auto out = skill_request{};
  out.answer = error_result(std::move(text));
  return out;
}

std::string names_of(const skill_list& skills) {
  auto names = std::vector<std::string>{};
  for (const auto& s : skills)
    names.push_back(s->name);
  std::ranges::sort(names);
  return names.empty() ? "(none)" : joined(names, ", ");
}

skill_request granted(skill_ptr wanted, std::string parameters) {
  auto out = skill_request{};
  out.answer.content = "Activating skill: " + wanted->name;
  auto data = json_writer{out.answer.data};
  data.text("skill_name", wanted->name);
  if (!parameters.empty())
    data.raw("parameters", parameters);
  data.close();
  out.wanted = std::move(wanted);
  out.parameters = std::move(parameters);
  return out;
}

}  // namespace

tool_definition use_skill_definition() {
  auto out = tool_definition{};
  out.name = use_skill_name;
  out.description = "Makes one of your skills active: you then read how its kind of work is done "
                    "well. Call it before you begin that work. At most three skills can be active "
                    "at once.";
  out.parameters = schema;
  out.effect = tool_effect::read_only;
  return out;
}

skill_request read_skill_request(std::string_view arguments, const skill_list& skills) {
  if (arguments.size() > request_bytes_max)
    return refused_skill("Invalid arguments: more than 64 KiB; send less.");
  static const auto rules = argument_schema{schema};
  const auto checked = rules.check(arguments);
  if (const auto* problem = std::get_if<argument_problem>(&checked))
    return refused_skill(problem->text);
  const auto given = json::parse(std::get<checked_arguments>(checked).text).as_object();
  const auto name = std::string{given.at("skill_name").as_string()};
  auto wanted = find_skill(skills, name);
  if (wanted == nullptr)
    return refused_skill("There is no skill called '"
                         + name.substr(0, border_at_or_before(name, shown_name_bytes_max))
                         + "'; available skills: " + names_of(skills));
  const auto& chosen = given.at("parameters");
  if (chosen.is_null())
    return granted(std::move(wanted), {});
  auto parameters = json::serialize(chosen);
  if (wanted->parameters.empty())
    return granted(std::move(wanted), std::move(parameters));
  auto fit = check_parameters(wanted->parameters, parameters);
  if (const auto* problems = std::get_if<std::vector<std::string>>(&fit))
    return refused_skill("Invalid parameters: " + joined(*problems, "; "));
  return granted(std::move(wanted), std::move(std::get<std::string>(fit)));
}

}  // namespace persona_runtime
