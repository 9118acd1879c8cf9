#pragma once
// What the operator can set (config/runtime.yaml and a few variables), with its defaults. Plain
// values; ranges are those of the table in settings_table.cpp. docs/configuration.md explains all.

#include "bootstrap/settings/secret.hpp"
#include "domain/text/listen_address.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// The tiers that can be set up, in the order of what they can.
inline constexpr std::array<std::string_view, 3> configurable_tiers{"frontier", "mid", "small"};

struct byte_size {
  std::uint64_t bytes = 0;
  friend bool operator==(const byte_size&, const byte_size&) = default;
};

/// A JSON object as text; empty: none.
struct json_object {
  std::string text;
  friend bool operator==(const json_object&, const json_object&) = default;
};

struct auth_key {
  std::string name;
  secret sha256;  // 64 lower-case hex digits: SHA-256 of the key
  std::string owner;
  std::string role = "user";  // admin sees all owners
};

struct auth_settings {
  std::vector<auth_key> keys;  // none: only the loopback interface is served
};

struct limit_settings {
  std::uint32_t runs_live_max = 10'000;
  std::uint32_t runs_queued_max = 1'000;
  std::optional<std::uint32_t> model_calls_max;  // none: any number
  std::uint32_t model_calls_queued_max = 20'000;
  std::uint32_t steps_default = 20;  // not set: at most steps_max
  std::uint32_t steps_max = 1'000;
  std::optional<std::uint64_t> tokens_max;
  std::optional<double> cost_cents_max;
  std::optional<std::chrono::milliseconds> deadline;
};

/// Per owner and minute; none: no limit.
struct rate_settings {
  std::optional<std::uint32_t> runs_per_minute;
  std::optional<std::uint32_t> messages_per_minute;
  std::optional<std::uint32_t> author_per_minute;
  std::optional<std::uint32_t> default_per_minute;
};

struct timeout_settings {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds first_token{60'000};
  std::chrono::milliseconds between_tokens{60'000};
  std::chrono::milliseconds call{600'000};
  std::chrono::milliseconds tool{60'000};
  std::chrono::milliseconds question{86'400'000};
  std::chrono::milliseconds drain{20'000};
};

struct retry_settings {
  std::chrono::milliseconds max_wait{60'000};
};

struct http_settings {
  std::chrono::milliseconds header{10'000};
  std::chrono::milliseconds body{30'000};
  std::chrono::milliseconds idle{75'000};
  std::chrono::milliseconds slow_reader{30'000};
  byte_size slow_reader_buffer{1u << 20};
  std::chrono::milliseconds heartbeat{15'000};
};

struct journal_settings {
  std::string store = "sqlite";     // sqlite | memory
  std::string durability = "full";  // full | process
};

struct skill_dir {
  std::string path;
  std::string trust = "untrusted";  // built_in | operator | untrusted
};

struct skill_settings {
  bool built_in = true;
  std::vector<skill_dir> dirs;
};

struct persona_settings {
  std::vector<std::string> dirs;
};

/// Sockets and processes; none: the share of descriptors_at().
struct descriptor_settings {
  std::optional<std::uint32_t> upstream;
  std::optional<std::uint32_t> clients;
  std::optional<std::uint32_t> tools;
};

struct routing_settings {
  std::string router = "heuristic";  // heuristic | unified
  bool force_frontier = false;
  bool shadow = false;
  bool hedging = false;
};

struct log_settings {
  std::string level = "info";
  std::string format = "pretty";  // pretty | json
  std::optional<std::string> file;
};

/// A tier as the file has it. build_models() joins it with the environment.
struct tier_settings {
  std::vector<std::string> models;  // "provider/model"
  std::optional<std::string> provider;
  std::optional<std::string> model;
  std::optional<std::string> base_url;
  secret api_key;
  std::optional<std::string> api_key_file;
  std::optional<std::uint32_t> max_tokens;
  std::optional<double> request_timeout_s;
  json_object extra_body;
  std::optional<double> cost_input_per_1k_tokens;
  std::optional<double> cost_output_per_1k_tokens;
  std::optional<double> first_token_latency_ms;
  std::optional<double> throughput_tokens_per_sec;
  std::optional<std::uint32_t> context_window;
  std::optional<std::string> tool_strength;
  bool reasoning_capable = false;
  bool cost_verified_at_deploy = true;
};

/// A tool of the operator's own.
struct tool_setting {
  std::string name;
  std::string description;
  std::string kind;                  // http | command | mcp
  std::optional<std::string> url;    // http
  std::vector<std::string> command;  // command: argv
  json_object parameters;            // JSON Schema; empty: no arguments
  std::string effect = "side_effect";
  bool exclusive = false;
  std::optional<std::chrono::milliseconds> timeout;  // none: timeouts.tool
  std::string sandbox = "strict";                    // strict | none
};

/// An endpoint that makes vectors for memory; without a base URL the embedded one does.
struct embedder_settings {
  std::optional<std::string> base_url;
  std::optional<std::string> model;
  secret api_key;
  std::optional<std::string> api_key_file;
  std::optional<std::uint32_t> dimension;  // none: what the model gives
};

struct turn_log_settings {
  std::optional<std::string> dir;  // none: no files
};

/// The search engine of the tool web_search; without a key the tool is not offered.
struct web_search_settings {
  std::string provider = "brave";  // brave | tavily | serpapi
  secret api_key;
};

struct settings {
  listen_address listen{"127.0.0.1", 8080};
  std::string data = "./data";
  auth_settings auth;
  limit_settings limits;
  rate_settings rates;
  timeout_settings timeouts;
  retry_settings retry;
  http_settings http;
  journal_settings journal;
  skill_settings skills;
  persona_settings personas;
  descriptor_settings descriptors;
  routing_settings routing;
  log_settings log;
  std::optional<std::string> model_table;      // a file like models.yaml that goes before it
  std::map<std::string, tier_settings> tiers;  // by name: frontier, mid, small
  std::vector<tool_setting> tools;
  web_search_settings web_search;
  embedder_settings embedder;
  turn_log_settings turn_log;
  std::string refusal_retry = "off";             // chats: "1", "true", "yes", "on": sent back once
  std::string sandbox_root = "./.persona_work";  // file tools of `persona run`
};

/// What each kind may use at a limit of `limit` open descriptors: what is set, else 60 %, 30 % and
/// 2.5 % of it, at least 1 each.
struct descriptor_counts {
  std::uint32_t upstream = 0;
  std::uint32_t clients = 0;
  std::uint32_t tools = 0;
  friend bool operator==(const descriptor_counts&, const descriptor_counts&) = default;
};
[[nodiscard]] descriptor_counts descriptors_at(const descriptor_settings& set, std::uint64_t limit);

}  // namespace persona_runtime
