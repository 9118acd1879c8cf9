#include "domain/persona/parse_persona.hpp"

#include "domain/text/utf8.hpp"
#include "domain/yaml/field_reader.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace persona_runtime {
namespace {

template <class E, std::size_t N>
constexpr auto choices(const std::array<E, N>& values) {
  std::array<std::pair<std::string_view, E>, N> out;
  for (std::size_t i = 0; i < N; ++i)
    out[i] = {name_of(values[i]), values[i]};
  return out;
}

template <class E, std::size_t N>
E read_choice(field_reader& in, std::string_view key, E otherwise, const std::array<E, N>& values) {
  auto named = choices(values);
  return in.one_of<E>(key, otherwise, named);
}

constexpr std::array visibilities{visibility::owner_only, visibility::unlisted,
                                  visibility::everyone};
constexpr std::array epistemics{epistemic::fact, epistemic::belief, epistemic::hypothesis,
                                epistemic::contested};
constexpr std::array autonomies{autonomy::cautious, autonomy::balanced, autonomy::decisive};
constexpr std::array tier_wishes{tier_wish::frontier, tier_wish::mid, tier_wish::small,
                                 tier_wish::automatic};

constexpr number_range from_0_to_1{0, 1};
constexpr number_range not_negative{0, std::numeric_limits<double>::infinity()};
constexpr number_range dimensions{1, 65'536, true};

constexpr std::string_view supported_version = "1.0";

void read_version(field_reader& in, persona& out) {
  out.schema_version = in.text("schema_version", supported_version);
  const auto* value = in.find("schema_version");
  if (value == nullptr || value->kind != yaml_kind::text || value->text == supported_version)
    return;
  in.report("schema_version",
            "unsupported schema_version " + in_quotes(value->text) + "; supported: \"1.0\"");
}

/// "provider:voice"; the voice may hold further colons.
std::optional<voice_spec> voice_of(std::string_view text) {
  auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  voice_spec out{std::string{stripped(text.substr(0, colon))},
                 std::string{stripped(text.substr(colon + 1))}};
  if (out.provider.empty() || out.voice_id.empty())
    return std::nullopt;
  return out;
}

voice_spec read_voice_mapping(field_reader& in) {
  const auto* kind = in.find("kind");
  if (kind != nullptr && (kind->kind != yaml_kind::text || kind->text != "catalogue"))
    in.report("kind", "must be catalogue; leave it out");
  voice_spec out;
  out.provider = in.required_text("provider");
  out.voice_id = in.required_text("voice_id");
  const auto* consent = in.find("consent");
  if (consent != nullptr && consent->kind != yaml_kind::null)
    in.report("consent", "must be empty (null): only catalogue voices are known; leave it out");
  return out;
}

void read_voice(field_reader& in, persona_identity& out) {
  const auto* value = in.find("voice");
  if (value == nullptr || value->kind == yaml_kind::null)
    return;
  if (value->kind == yaml_kind::mapping) {
    in.block("voice", [&](field_reader& voice) { out.voice = read_voice_mapping(voice); });
    return;
  }
  if (value->kind == yaml_kind::text)
    out.voice = voice_of(value->text);
  if (!out.voice) {
    in.report("voice", "must be \"provider:voice\", both parts filled, or a mapping with provider "
                       "and voice_id");
  }
}

void read_identity(field_reader& in, persona_identity& out) {
  out.name = in.required_text("name");
  out.role = in.required_text("role");
  out.background = in.required_text("background");
  out.language_default = in.text("language_default", "en");
  out.constraints = in.texts("constraints");
  out.visual_style = in.optional_text("visual_style");
  read_voice(in, out);
}

/// An optional name by which a fact or claim keeps its history when it is edited.
std::string read_key(field_reader& in) {
  constexpr auto bytes_max = std::size_t{64};
  auto key = in.text("key", "");
  if (key.size() > bytes_max) {
    in.report("key", "must have at most 64 bytes");
    key.clear();
  }
  return key;
}

self_fact read_fact(field_reader& in) {
  self_fact out;
  out.fact = in.required_text("fact");
  out.confidence = in.number("confidence", out.confidence, from_0_to_1);
  out.key = read_key(in);
  return out;
}

worldview_claim read_claim(field_reader& in) {
  worldview_claim out;
  out.claim = in.required_text("claim");
  out.domain = in.text("domain", "");
  out.tag = read_choice(in, "epistemic", out.tag, epistemics);
  out.confidence = in.number("confidence", out.confidence, from_0_to_1);
  out.valid_time = in.text("valid_time", out.valid_time);
  out.key = read_key(in);
  return out;
}

/// Unix seconds of the years 1 to 9999.
std::optional<zoned_instant> from_unix_seconds(double seconds) {
  constexpr double least = -62'135'596'800;
  constexpr double most = 253'402'300'799;
  if (!(seconds >= least && seconds <= most))
    return std::nullopt;
  return zoned_instant{instant{static_cast<std::int64_t>(std::floor(seconds * 1000))}, 0};
}

zoned_instant read_time(field_reader& in, std::string_view key) {
  constexpr auto wanted = "must be a date, a time and an offset, such as 2026-03-02T18:40:00+01:00";
  const auto* value = in.find(key);
  if (value == nullptr) {
    in.report(key, std::string{"is missing; it "} + wanted);
    return {};
  }
  if (value->kind == yaml_kind::integer || value->kind == yaml_kind::real) {
    if (auto time = from_unix_seconds(number_of(value->kind, value->text)))
      return *time;
  }
  if (value->kind == yaml_kind::timestamp || value->kind == yaml_kind::text) {
    auto time = parse_time(stripped(value->text));
    if (time && !time->naive)
      return time->value;
    if (time) {
      in.report(key, in_quotes(value->text) + " is naive: it says no offset from UTC; "
                       + "write it as 2026-03-02T18:40:00Z or with +01:00");
      return {};
    }
  }
  in.report(key, wanted);
  return {};
}

episodic_entry read_episode(field_reader& in) {
  episodic_entry out;
  out.content = in.required_text("content");
  out.created_at = read_time(in, "created_at");
  out.importance = in.number("importance", out.importance, from_0_to_1);
  return out;
}

void read_intelligent(field_reader& in, persona_routing& out) {
  out.intelligent = in.flag("enabled", out.intelligent);
  in.block("weights", [&](field_reader& weights) {
    out.weights.cost = weights.number("cost", out.weights.cost, not_negative);
    out.weights.quality = weights.number("quality", out.weights.quality, not_negative);
    out.weights.latency = weights.number("latency", out.weights.latency, not_negative);
  });
  out.rules_on_miss = in.flag("fallback_to_rule_based_on_miss", out.rules_on_miss);
}

void read_routing(field_reader& in, persona_routing& out) {
  out.for_generation = read_choice(in, "tier_for_generation", out.for_generation, tier_wishes);
  out.for_tools = read_choice(in, "tier_for_tools", out.for_tools, tier_wishes);
  in.block("intelligent", [&](field_reader& inner) { read_intelligent(inner, out); });
  in.block("budget", [&](field_reader& budget) {
    out.cents_per_turn_max = budget.optional_number("max_cents_per_turn", not_negative);
    out.cents_per_session_max = budget.optional_number("max_cents_per_session", not_negative);
    out.cents_per_day_max = budget.optional_number("max_cents_per_day", not_negative);
  });
}

void read_embedding(field_reader& in, embedding_choice& out) {
  out.model = in.text("model", out.model);
  out.dim = static_cast<std::uint32_t>(in.number("dim", out.dim, dimensions));
}

persona read_persona(field_reader& in) {
  persona out;
  out.id = in.optional_text("persona_id");
  read_version(in, out);
  out.owner = in.optional_text("owner_id");
  out.shown_to = read_choice(in, "visibility", out.shown_to, visibilities);
  if (in.find("identity") == nullptr)
    in.report("identity", "is missing; give at least identity.name, .role and .background");
  in.block("identity", [&](field_reader& inner) { read_identity(inner, out.identity); });
  in.each("self_facts", [&](field_reader& item) { out.self_facts.push_back(read_fact(item)); });
  in.each("worldview", [&](field_reader& item) { out.worldview.push_back(read_claim(item)); });
  in.each("episodic", [&](field_reader& item) { out.episodic.push_back(read_episode(item)); });
  out.tools = in.texts("tools");
  out.skills = in.texts("skills");
  in.block("routing", [&](field_reader& inner) { read_routing(inner, out.routing); });
  in.block("embedding", [&](field_reader& inner) { read_embedding(inner, out.embedding); });
  out.decides = read_choice(in, "autonomy", out.decides, autonomies);
  in.refuse_others();
  return out;
}

std::string_view type_name(const yaml_node& node) {
  switch (node.kind) {
  case yaml_kind::null:
    return "nothing";
  case yaml_kind::sequence:
    return "a list";
  default:
    return "a single value";
  }
}

std::uint32_t line_of(const yaml_node& root, std::string_view key) {
  const auto* entry = root.find(key);
  return entry == nullptr ? root.line : entry->line;
}

/// What the author should know although nothing is wrong.
void add_notices(const persona& p, const yaml_node& root, std::vector<problem>& out) {
  if (allows_all_tools(p)) {
    out.push_back({line_of(root, "tools"), "tools",
                   "\"*\" allows every tool that is registered, also those that write and fetch"});
  }
  bool odd_id = p.id
                && (p.id->empty() || *p.id == "." || *p.id == ".."
                    || p.id->find_first_of("/\\") != std::string::npos);
  if (odd_id) {
    out.push_back({line_of(root, "persona_id"), "persona_id",
                   in_quotes(*p.id) + " is no good name for a folder or in a URL"});
  }
}

persona_outcome read_document(const yaml_document& document) {
  const auto& root = *document.root;
  if (root.kind != yaml_kind::mapping) {
    return persona_rejection{
      persona_fault::not_a_mapping,
      {{root.line, "",
        "a persona must be a mapping of keys to values, but the document holds "
          + std::string{type_name(root)}}}};
  }
  problem_list problems;
  field_reader in{root, {}, problems};
  auto out = read_persona(in);
  if (!problems.empty())
    return persona_rejection{persona_fault::validation, problems.take()};
  auto notices = document.notices;
  add_notices(out, root, notices);
  return loaded_persona{std::make_shared<const persona>(std::move(out)), std::move(notices)};
}

std::string stem_of(std::string_view file) {
  if (auto slash = file.rfind('/'); slash != std::string_view::npos)
    file.remove_prefix(slash + 1);
  auto dot = file.rfind('.');
  // A leading dot begins a hidden file's name, it is no extension.
  return std::string{dot == std::string_view::npos || dot == 0 ? file : file.substr(0, dot)};
}

bool only_the_version_is_wrong(const persona_rejection& r) {
  return r.fault == persona_fault::validation && r.problems.size() == 1
         && r.problems.front().path == "schema_version"
         && r.problems.front().text.starts_with("unsupported");
}

}  // namespace

persona_outcome parse_persona(std::string_view text) {
  auto document = parse_yaml(text);
  if (!document)
    return persona_rejection{persona_fault::invalid_yaml, {document.error()}};
  return read_document(*document);
}

persona_outcome parse_persona_file(std::string_view text, std::string_view file) {
  auto out = parse_persona(text);
  if (!out) {
    auto refused = out.error();
    if (only_the_version_is_wrong(refused))
      refused.fault = persona_fault::schema_version;
    return refused;
  }
  if (out->value->id)
    return out;
  auto named = *out->value;
  named.id = stem_of(file);
  return loaded_persona{std::make_shared<const persona>(std::move(named)), out->notices};
}

}  // namespace persona_runtime
