#include "bootstrap/settings/settings_table.hpp"

#include "bootstrap/settings/units.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

template <auto... Members>
setting_field at(settings_draft& draft) {
  return &(draft.*....*Members);
}

using draft = settings_draft;
template <auto Group, auto... Members>
constexpr auto in = &at<&draft::all, Group, Members...>;
template <auto Member>
constexpr auto key = &at<&draft::auth, Member>;
template <auto Member>
constexpr auto skill = &at<&draft::skill, Member>;
template <auto Member>
constexpr auto tier = &at<&draft::tier, Member>;
template <auto Member>
constexpr auto tool = &at<&draft::tool, Member>;

constexpr double ms = 1;
constexpr double s = 1000 * ms;
constexpr double h = 3600 * s;
constexpr double day = 24 * h;
constexpr double million = 1e6;
constexpr double tokens_most = 1e12;

using S = settings;
using limits = limit_settings;
using rates = rate_settings;
using timeouts = timeout_settings;
using http = http_settings;
using journal = journal_settings;
using routing = routing_settings;
using logging = log_settings;
using tier_s = tier_settings;
using tool_s = tool_setting;

constexpr setting_key setting_rows[] = {
  // Server
  {"listen", in<&S::listen>, "Address and port to serve on; port 0 picks a free one."},
  {"data", in<&S::data>,
   "Folder of the database file and the workspaces; locked by the process that uses it."},
  {"auth.keys[].name", key<&auth_key::name>, "What logs call the key.", 0, 0, {}, {}, true},
  {"auth.keys[].sha256",
   key<&auth_key::sha256>,
   "SHA-256 of the key, 64 hex digits. Without any key only the loopback interface is served.",
   0,
   0,
   {},
   {},
   true},
  {"auth.keys[].owner",
   key<&auth_key::owner>,
   "Whose runs and personas the key may use.",
   0,
   0,
   {},
   {},
   true},
  {"auth.keys[].role", key<&auth_key::role>, "admin sees all owners, user its own.", 0, 0,
   "admin|user"},

  // Admission and ceilings
  {"limits.runs_live_max", in<&S::limits, &limits::runs_live_max>,
   "Most runs that are carried out at once.", 1, million},
  {"limits.runs_queued_max", in<&S::limits, &limits::runs_queued_max>,
   "Most runs that wait for their turn; beyond, `overloaded`.", 0, million},
  {"limits.model_calls_max", in<&S::limits, &limits::model_calls_max>,
   "Most calls to one model at once, more wait; null: as many as the key allows.", 1, million},
  {"limits.model_calls_queued_max", in<&S::limits, &limits::model_calls_queued_max>,
   "Most calls that wait for one key; beyond, they go to another model or fail.", 0, million},
  {"limits.steps_default", in<&S::limits, &limits::steps_default>,
   "Steps of a run that asks for no number.", 0, 100'000},
  {"limits.steps_max", in<&S::limits, &limits::steps_max>, "Most steps that a run may ask for.", 0,
   100'000},
  {"limits.tokens_max", in<&S::limits, &limits::tokens_max>,
   "Most tokens that any run may use; asking for more is refused; null: no limit.", 1, tokens_most},
  {"limits.cost_cents_max", in<&S::limits, &limits::cost_cents_max>,
   "Most US cents that any run may use; asking for more is refused; null: no limit.", 0.000001,
   1e9},
  {"limits.deadline", in<&S::limits, &limits::deadline>,
   "Longest time that any run may take; asking for more is refused; null: no limit.", 1 * ms,
   366 * day},
  {"rates.runs_per_minute",
   in<&S::rates, &rates::runs_per_minute>,
   "Runs that an owner may start per minute; null: no limit.",
   1,
   million,
   {},
   "PERSONA_API_RATE_LIMIT_RUNS"},
  {"rates.messages_per_minute",
   in<&S::rates, &rates::messages_per_minute>,
   "Chat messages of an owner per minute; null: no limit.",
   1,
   million,
   {},
   "PERSONA_API_RATE_LIMIT_MESSAGES"},
  {"rates.author_per_minute",
   in<&S::rates, &rates::author_per_minute>,
   "Personas that an owner may write per minute; null: no limit.",
   1,
   million,
   {},
   "PERSONA_API_RATE_LIMIT_AUTHOR"},
  {"rates.default_per_minute",
   in<&S::rates, &rates::default_per_minute>,
   "All other requests of an owner per minute; null: no limit.",
   1,
   million,
   {},
   "PERSONA_API_RATE_LIMIT_DEFAULT"},

  // Waiting
  {"timeouts.connect", in<&S::timeouts, &timeouts::connect>,
   "Name, TCP and TLS of a call to the outside.", 1 * ms, 1 * h},
  {"timeouts.first_token", in<&S::timeouts, &timeouts::first_token>,
   "From sending a model call to the first byte of its answer.", 1 * ms, day},
  {"timeouts.between_tokens", in<&S::timeouts, &timeouts::between_tokens>,
   "Between two pieces of a model's answer.", 1 * ms, day},
  {"timeouts.call", in<&S::timeouts, &timeouts::call>, "All of one model call.", 1 * ms, day},
  {"timeouts.tool", in<&S::timeouts, &timeouts::tool>,
   "One tool call, when the tool has no `timeout` of its own.", 1 * ms, day},
  {"timeouts.question", in<&S::timeouts, &timeouts::question>,
   "How long a run waits for a person before it goes on without an answer.", 1 * ms, 366 * day},
  {"timeouts.drain", in<&S::timeouts, &timeouts::drain>,
   "How long a stopping server lets steps in flight reach their next durable point.", 0, day},
  {"retry.max_wait", in<&S::retry, &retry_settings::max_wait>,
   "How long in all one call may wait for its only model (Retry-After, pacing).", 0, day},
  {"http.header", in<&S::http, &http::header>, "Time to receive the head of a request.", 1 * ms,
   1 * h},
  {"http.body", in<&S::http, &http::body>, "Time to receive the body of a request.", 1 * ms, 1 * h},
  {"http.idle", in<&S::http, &http::idle>, "How long an unused connection stays open.", 1 * ms,
   day},
  {"http.slow_reader", in<&S::http, &http::slow_reader>,
   "A viewer that takes nothing for so long is cut off.", 1 * ms, day},
  {"http.slow_reader_buffer", in<&S::http, &http::slow_reader_buffer>,
   "What may wait for a viewer before it is cut off.", 4 * KiB, 1024 * MiB},
  {"http.heartbeat", in<&S::http, &http::heartbeat>,
   "Pause between two comment frames of a quiet stream.", 100 * ms, 1 * h},

  // Storage and content
  {"journal.store", in<&S::journal, &journal::store>,
   "Where runs are kept; memory loses all when the process ends.", 0, 0, "sqlite|memory"},
  {"journal.durability", in<&S::journal, &journal::durability>,
   "full: answered after fsync. process: survives a crash of the process, not of the machine.", 0,
   0, "full|process"},
  {"skills.built_in", in<&S::skills, &skill_settings::built_in>, "Offer the skills shipped here."},
  {"skills.dirs[].path", skill<&skill_dir::path>, "A folder of skills.", 0, 0, {}, {}, true},
  {"skills.dirs[].trust", skill<&skill_dir::trust>, "How far the skills there are trusted.", 0, 0,
   "built_in|operator|untrusted"},
  {"personas.dirs", in<&S::personas, &persona_settings::dirs>,
   "Folders of persona files, loaded at the start and kept in step."},
  {"memory.embedder.base_url",
   in<&S::embedder, &embedder_settings::base_url>,
   "An endpoint with OpenAI's /v1/embeddings; null: vectors are made here, without a model.",
   0,
   0,
   {},
   "PERSONA_EMBEDDER_BASE_URL"},
  {"memory.embedder.model",
   in<&S::embedder, &embedder_settings::model>,
   "The model that it is asked for.",
   0,
   0,
   {},
   "PERSONA_EMBEDDER_MODEL"},
  {"memory.embedder.api_key",
   in<&S::embedder, &embedder_settings::api_key>,
   "Its key; empty: none is sent.",
   0,
   0,
   {},
   "PERSONA_EMBEDDER_API_KEY"},
  {"memory.embedder.api_key_file", in<&S::embedder, &embedder_settings::api_key_file>,
   "A file that holds the key."},
  {"memory.embedder.dimension", in<&S::embedder, &embedder_settings::dimension>,
   "Numbers of a vector, where the model has a choice; null: as many as it gives.", 1, 8192},
  {"model_table",
   in<&S::model_table>,
   "A table of models, prices and windows like the shipped models.yaml; its rows go before those.",
   0,
   0,
   {},
   "PERSONA_MODEL_TABLE"},
  {"turn_log.dir",
   in<&S::turn_log, &turn_log_settings::dir>,
   "Folder of turn logs, a JSONL file per conversation; null: they are in the database only.",
   0,
   0,
   {},
   "PERSONA_TURNLOG_PATH"},
  {"descriptors.upstream", in<&S::descriptors, &descriptor_settings::upstream>,
   "Most connections to models; null: 60 % of the process's limit (12000 at 20000).", 1, million},
  {"descriptors.clients", in<&S::descriptors, &descriptor_settings::clients>,
   "Most connections of clients; null: 30 % of the process's limit (6000 at 20000).", 1, million},
  {"descriptors.tools", in<&S::descriptors, &descriptor_settings::tools>,
   "Most connections of tools; null: 2.5 % of the process's limit (500 at 20000).", 1, million},
  {"routing.router", in<&S::routing, &routing::router>, "Who chooses the tier of a chat turn.", 0,
   0, "heuristic|unified"},
  {"routing.force_frontier", in<&S::routing, &routing::force_frontier>,
   "Answer every chat turn on the frontier tier."},
  {"routing.shadow", in<&S::routing, &routing::shadow>,
   "Log what the other router would have done with every chat turn."},
  {"routing.hedging", in<&S::routing, &routing::hedging>,
   "Ask the next model too when one takes unusually long to begin; the first to begin answers."},
  {"log.level", in<&S::log, &logging::level>, "Least severe message that is logged.", 0, 0,
   "trace|debug|info|warning|error|critical|off", "PERSONA_LOG_LEVEL"},
  {"log.format", in<&S::log, &logging::format>, "Lines for people, or one JSON object per line.", 0,
   0, "pretty|json", "PERSONA_LOG_FORMAT"},
  {"log.file",
   in<&S::log, &logging::file>,
   "A file that gets the same lines as stderr; null: none.",
   0,
   0,
   {},
   "PERSONA_LOG_FILE"},

  // Models: frontier, mid and small
  {"tiers.*.models", tier<&tier_s::models>,
   "Models as provider/model, tried in this order; instead of provider and model."},
  {"tiers.*.provider", tier<&tier_s::provider>, "Who serves the tier's one model."},
  {"tiers.*.model", tier<&tier_s::model>, "The vendor's name of the tier's one model."},
  {"tiers.*.base_url", tier<&tier_s::base_url>, "Endpoint instead of the provider's own."},
  {"tiers.*.api_key", tier<&tier_s::api_key>,
   "Key for the tier's provider; better in api_key_file or the environment."},
  {"tiers.*.api_key_file", tier<&tier_s::api_key_file>, "File whose only line is the key."},
  {"tiers.*.max_tokens", tier<&tier_s::max_tokens>, "Reply cap of one call; null: 4096.", 1,
   million},
  {"tiers.*.request_timeout_s", tier<&tier_s::request_timeout_s>,
   "Seconds to the first byte and between two pieces; null: timeouts.first_token and "
   "timeouts.between_tokens.",
   0.001, 86'400},
  {"tiers.*.extra_body", tier<&tier_s::extra_body>, "Mapping that is merged into every request."},
  {"tiers.*.cost_input_per_1k_tokens", tier<&tier_s::cost_input_per_1k_tokens>,
   "US cents per 1,000 prompt tokens; null: the table of models.", 0, million},
  {"tiers.*.cost_output_per_1k_tokens", tier<&tier_s::cost_output_per_1k_tokens>,
   "US cents per 1,000 reply tokens; null: the table of models.", 0, million},
  {"tiers.*.first_token_latency_ms", tier<&tier_s::first_token_latency_ms>,
   "Expected milliseconds to the first token, for routing.", 0, 3'600'000},
  {"tiers.*.throughput_tokens_per_sec", tier<&tier_s::throughput_tokens_per_sec>,
   "Expected tokens per second, for information.", 0, million},
  {"tiers.*.context_window", tier<&tier_s::context_window>,
   "Tokens that prompt and reply may take together; null: the table of models, else a budget of "
   "4096.",
   1, 100'000'000},
  {"tiers.*.tool_strength", tier<&tier_s::tool_strength>, "How well the tier calls tools.", 0, 0,
   "weak|medium|strong"},
  {"tiers.*.reasoning_capable", tier<&tier_s::reasoning_capable>,
   "The tier thinks before it answers."},
  {"tiers.*.cost_verified_at_deploy", tier<&tier_s::cost_verified_at_deploy>,
   "The two costs were checked against the vendor's page."},

  // The operator's tools
  {"tools[].name", tool<&tool_s::name>, "1 to 64 of a-z A-Z 0-9 _ and -.", 0, 0, {}, {}, true},
  {"tools[].description",
   tool<&tool_s::description>,
   "What the model reads about the tool.",
   0,
   0,
   {},
   {},
   true},
  {"tools[].kind",
   tool<&tool_s::kind>,
   "http: a POST to url. command: a process. mcp: a server of the Model Context Protocol.",
   0,
   0,
   "http|command|mcp",
   {},
   true},
  {"tools[].url", tool<&tool_s::url>, "Where an http or mcp tool is served."},
  {"tools[].command", tool<&tool_s::command>, "Program and arguments of a command tool; no shell."},
  {"tools[].parameters", tool<&tool_s::parameters>, "JSON Schema of the arguments."},
  {"tools[].effect", tool<&tool_s::effect>,
   "What a repetition does; decides what happens to a call that a crash interrupted.", 0, 0,
   "read_only|idempotent|side_effect"},
  {"tools[].exclusive", tool<&tool_s::exclusive>, "Never beside another call of the same step."},
  {"tools[].timeout", tool<&tool_s::timeout>, "Time limit of one call; null: timeouts.tool.",
   1 * ms, day},
  {"tools[].sandbox", tool<&tool_s::sandbox>,
   "What a command may reach: only its workspace, or all.", 0, 0, "strict|none"},

  // Without a key in the file
  {"PERSONA_TOOLS_SANDBOX_ROOT",
   in<&S::sandbox_root>,
   "Folder that file tools of `persona run` may use.",
   0,
   0,
   {},
   "PERSONA_TOOLS_SANDBOX_ROOT"},
  {"PERSONA_REFUSAL_RETRY_ENABLED", in<&S::refusal_retry>,
   "Chats: an answer that claims to lack a tool that there is goes back to the model, once.", 0, 0,
   "1|true|yes|on|0|false|no|off", "PERSONA_REFUSAL_RETRY_ENABLED"},
  {"PERSONA_WEB_SEARCH_PROVIDER", in<&S::web_search, &web_search_settings::provider>,
   "The search engine that web_search asks.", 0, 0, "brave|tavily|serpapi",
   "PERSONA_WEB_SEARCH_PROVIDER"},
  {"PERSONA_WEB_SEARCH_API_KEY",
   in<&S::web_search, &web_search_settings::api_key>,
   "Key for the search engine; without it the tool web_search is not offered.",
   0,
   0,
   {},
   "PERSONA_WEB_SEARCH_API_KEY"},
};

}  // namespace

std::span<const setting_key> settings_table() {
  return setting_rows;
}

const setting_key* find_setting(std::string_view name) {
  const auto* found = std::find_if(std::begin(setting_rows), std::end(setting_rows),
                                   [name](const setting_key& row) { return row.key == name; });
  return found == std::end(setting_rows) ? nullptr : found;
}

bool is_file_key(const setting_key& row) {
  return !row.key.starts_with("PERSONA_");
}

bool is_element_key(const setting_key& row) {
  return row.key.find("[]") != std::string_view::npos
         || row.key.find('*') != std::string_view::npos;
}

descriptor_counts descriptors_at(const descriptor_settings& set, std::uint64_t limit) {
  const auto share = [limit](std::optional<std::uint32_t> chosen, std::uint64_t of_20000) {
    constexpr std::uint64_t counted_most = 1'000'000;
    const auto part = std::min(limit, counted_most) * of_20000 / 20'000;
    return chosen.value_or(static_cast<std::uint32_t>(std::max<std::uint64_t>(part, 1)));
  };
  return {share(set.upstream, 12'000), share(set.clients, 6'000), share(set.tools, 500)};
}

}  // namespace persona_runtime
