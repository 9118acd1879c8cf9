#include "bootstrap/engine/chat_setups.hpp"

#include "bootstrap/data_files.hpp"
#include "bootstrap/engine/persona_rows.hpp"
#include "domain/conversation/completion_frame.hpp"
#include "domain/persona/parse_persona.hpp"
#include "domain/skill/skill_index.hpp"
#include "domain/skill/use_skill.hpp"
#include "domain/text/shorten.hpp"
#include "domain/tier/routing/message_signals.hpp"
#include "domain/tool/schema_tokens.hpp"

#include <map>
#include <mutex>
#include <utility>

namespace persona_runtime {
namespace {

constexpr auto file_bytes_max = std::size_t{256} << 10;
constexpr auto setups_max = std::size_t{1'000};

template <class T, class Parse>
result<std::shared_ptr<const T>> load(const std::filesystem::path& folder, const char* name,
                                      const Parse& parse) {
  const auto text = read_file(folder / name, file_bytes_max);
  if (!text)
    return text.error();
  auto read = parse(*text);
  if (!read)
    return failure{errc::validation_error, describe(read.error().front(), name)};
  return std::make_shared<const T>(std::move(*read));
}

skill_list skills_of(const persona& who, const chat_parts& parts) {
  if (parts.skills == nullptr)
    return {};
  return select_skills(who.skills, *parts.skills).skills;
}

result<toolbox> tools_of(const persona& who, const chat_parts& parts, bool with_skills) {
  auto registered = parts.tools;
  auto granted = std::vector<std::string>{};
  if (with_skills) {
    registered.push_back(use_skill_definition());
    granted.emplace_back(use_skill_name);
  }
  return toolbox::make(std::move(registered), allow_list{who.tools}, granted);
}

std::set<std::string> approved_hashes(const skill_list& skills, const persona_row& row) {
  const auto consents = consents_in(row);
  auto out = std::set<std::string>{};
  for (const auto& s : skills) {
    if (!is_trusted(s->trust) && is_approved(*s, row.id, consents))
      out.insert(s->content_hash);
  }
  return out;
}

/// Setups by persona; an entry counts for one version of it.
class setup_cache {
public:
  explicit setup_cache(std::shared_ptr<const chat_parts> parts) : parts_{std::move(parts)} {}

  result<turn_setup_ptr> of(const persona_row& row) {
    {
      const auto guard = std::lock_guard{mutex_};
      const auto known = made_.find(row.id);
      if (known != made_.end() && known->second.first == row.updated_at)
        return known->second.second;
    }
    auto made = make_turn_setup(row, *parts_);
    if (!made)
      return made.error();
    const auto guard = std::lock_guard{mutex_};
    if (made_.size() >= setups_max)
      made_.clear();  // rare; the next look-ups fill it again
    made_.insert_or_assign(row.id, std::pair{row.updated_at, *made});
    return made;
  }

private:
  std::shared_ptr<const chat_parts> parts_;
  std::mutex mutex_;
  std::map<persona_id, std::pair<instant, turn_setup_ptr>> made_;
};

}  // namespace

result<chat_data> load_chat_data(const std::filesystem::path& folder) {
  auto texts = load<turn_texts>(folder, "prompts/chat.yaml", parse_turn_texts);
  if (!texts)
    return texts.error();
  auto tables = load<message_tables>(folder, "routing/default.yaml", parse_message_tables);
  if (!tables)
    return tables.error();
  return chat_data{std::move(*texts), std::move(*tables)};
}

turn_rules make_turn_rules(const chat_parts& parts, tier_snapshot tiers) {
  auto rules = turn_rules{};
  const auto counter = parts.counter;
  rules.tiers = std::move(tiers);
  rules.tables = parts.tables;
  rules.texts = parts.texts;
  rules.sections = parts.prompts.floor;
  rules.skills = parts.prompts.skills;
  rules.size_of = [counter](role from, std::string_view text) {
    return size_of(*counter, from, text);
  };
  rules.count = [counter](std::string_view text) { return counter->count(text); };
  rules.shorten = [counter](std::string_view text, std::uint64_t tokens_max) {
    return shorten_middle(text, tokens_max, *counter);
  };
  rules.summary_instruction = parts.prompts.summary_instruction;
  rules.retries_refusals = parts.retries_refusals;
  rules.routing = parts.routing;
  rules.traits = parts.traits;
  rules.measured = parts.measured;
  return rules;
}

result<turn_setup_ptr> make_turn_setup(const persona_row& row, const chat_parts& parts) {
  const auto parsed = parse_persona(row.yaml);
  if (!parsed)
    return failure{errc::validation_error, "the stored persona cannot be read any more: "
                                             + parsed.error().problems.front().text};
  auto who = std::make_shared<const persona>(*parsed->value);
  auto skills = skills_of(*who, parts);
  auto tools = tools_of(*who, parts, !skills.empty());
  if (!tools)
    return tools.error();
  const auto count = [&parts](std::string_view text) { return parts.counter->count(text); };
  const auto tokens = schema_tokens(*parts.counter, *tools->definitions());
  auto setup = std::make_shared<turn_setup>(turn_setup{who, nullptr, std::move(*tools), tokens});
  const auto names = setup->tools.names();
  setup->frame = make_frame(*who, parts.prompts.floor, {{}, names}, count);
  setup->keywords = keywords_of(*who, parts.tables->signals.keywords);
  setup->approved_skills = approved_hashes(skills, row);
  const auto shows = [&approved = setup->approved_skills](const skill& s) {
    return is_trusted(s.trust) || approved.contains(s.content_hash);
  };
  setup->skill_index =
    make_section(skill_index_text(skills, parts.prompts.skills.index_heading, shows), count);
  setup->skills = std::move(skills);
  auto bare = completion_setup(*setup);
  if (!bare)
    return bare.error();
  setup->for_completions = std::move(*bare);
  return turn_setup_ptr{std::move(setup)};
}

std::function<result<turn_setup_ptr>(const persona_row&)>
make_turn_setups(std::shared_ptr<const chat_parts> parts) {
  auto cache = std::make_shared<setup_cache>(std::move(parts));
  return [cache](const persona_row& row) { return cache->of(row); };
}

}  // namespace persona_runtime
