#include "bootstrap/cli/audit_command.hpp"

#include "bootstrap/cli/exit_codes.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/text/instant_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>

namespace persona_runtime::cli {
namespace {

result<audit_filter> filter_of(const audit_options& options, instant now) {
  auto filter = audit_filter{};
  if (!options.since.empty()) {
    const auto span = time_span(options.since);
    if (!span)
      return failure{errc::validation_error, "--since: a time such as 7d, 2h, 30m or 45s"};
    filter.since = instant{now.value - span->count()};
  }
  if (!options.action.empty()) {
    filter.action = audit_action_of(options.action);
    if (!filter.action)
      return failure{errc::validation_error,
                     "--action: write, delete, remove_documents, rollback, skill_injected, "
                     "skill_refused, connect, disconnect, execute or server_unavailable"};
  }
  if (!options.source.empty()) {
    filter.source = memory_source_of(options.source);
    if (!filter.source)
      return failure{errc::validation_error, "--source: user, persona_self or system"};
  }
  if (!options.store.empty()) {
    filter.store = audit_store_of(options.store);
    if (!filter.store)
      return failure{errc::validation_error,
                     "--store: identity, self_facts, worldview, episodic, knowledge_graph, skill "
                     "or tool"};
  }
  return filter;
}

std::string line_of(const memory_audit& event) {
  auto line = to_text(event.at) + "  " + std::string{name_of(event.action)} + "  "
              + std::string{name_of(event.store)} + "  " + std::string{name_of(event.source)};
  if (!event.scope.user.empty())
    line += "  of " + safe_line(event.scope.user);
  if (event.written_by)
    line += "  by " + safe_line(*event.written_by);
  if (!event.logical_ids.empty()) {
    line += "  " + safe_line(event.logical_ids.front());
    if (event.logical_ids.size() > 1)
      line += " and " + std::to_string(event.logical_ids.size() - 1) + " more";
  }
  for (const auto* key : {"skill_name", "resource", "consent_state"}) {
    if (const auto found = event.metadata.find(key); found != event.metadata.end())
      line += "  " + safe_line(found->second);
  }
  if (const auto failed = event.metadata.find("is_error");
      failed != event.metadata.end() && failed->second == "true")
    line += "  (failed)";
  if (event.reason)
    line += "  " + safe_line(*event.reason);
  return line;
}

}  // namespace

std::optional<std::chrono::milliseconds> time_span(std::string_view text) {
  constexpr auto most = std::int64_t{100'000};
  constexpr auto seconds = std::array<std::pair<char, std::int64_t>, 4>{
    {{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};
  if (text.size() < 2)
    return std::nullopt;
  auto number = std::int64_t{0};
  const auto* end = text.data() + text.size() - 1;
  const auto read = std::from_chars(text.data(), end, number);
  const auto* unit = std::ranges::find(seconds, text.back(), &std::pair<char, std::int64_t>::first);
  const auto is_span = read.ec == std::errc{} && read.ptr == end && number >= 1 && number <= most
                       && unit != seconds.end();
  if (!is_span)
    return std::nullopt;
  return std::chrono::milliseconds{number * unit->second * 1'000};
}

int audit(memory_access& memory, const audit_options& options, instant now, std::ostream& out,
          std::ostream& err) {
  const auto filter = filter_of(options, now);
  if (!filter) {
    err << "persona audit: " << filter.error().detail << '\n';
    return exit_usage;
  }
  auto shown = std::uint64_t{0};
  const auto done = memory.audit(options.persona, *filter, [&](const memory_audit& event) {
    out << (options.json ? safe_json(to_json(event)) : line_of(event)) << '\n';
    ++shown;
  });
  if (!done) {
    err << "persona audit: " << done.error().detail << '\n';
    return exit_failed;
  }
  if (shown == 0)
    (options.json ? err : out) << "no audit events for " << safe_line(options.persona.value)
                               << '\n';
  return 0;
}

}  // namespace persona_runtime::cli
