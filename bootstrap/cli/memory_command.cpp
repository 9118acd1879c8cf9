#include "bootstrap/cli/memory_command.hpp"

#include "bootstrap/cli/exit_codes.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

#include <ostream>

namespace persona_runtime::cli {
namespace {

int refused(std::ostream& err, const failure& f) {
  err << "persona: " << f.detail << '\n';
  return exit_failed;
}

/// What is wrong with the options; empty: nothing.
std::string fault_of(const memory_options& options) {
  if (options.persona.empty())
    return "--persona is missing; give the id of a persona";
  if (!options.store.empty() && !memory_store_kind_of(options.store))
    return "there is no store " + options.store
           + "; there are identity, self_facts, worldview and episodic";
  return {};
}

memory_filter filter_of(const memory_options& options) {
  return {{options.persona}, options.owner, options.user, memory_store_kind_of(options.store)};
}

std::string text_line(const placed_chunk& one) {
  const auto& [place, chunk] = one;
  auto line = std::string{name_of(place.kind)};
  line += is_shared(place.scope) ? "  author" : "  " + safe_line(place.scope.user);
  if (chunk.provenance) {
    line += "  v" + std::to_string(chunk.provenance->version)
            + (is_head(chunk)              ? ""
               : chunk.provenance->retired ? " (retired)"
                                           : " (past)");
    line += "  " + safe_line(chunk.provenance->logical_id);
  }
  return line + "  " + to_text(chunk.created_at) + "  " + safe_line(chunk.text);
}

void print(std::ostream& out, bool as_json, const placed_chunk& one) {
  auto line = std::string{};
  if (as_json)
    append_json(line, one);
  else
    line = text_line(one);
  out << line << '\n';
}

int unknown_chain(std::ostream& err, const std::string& logical_id) {
  err << "persona: nothing is remembered as " << safe_line(logical_id)
      << "; `persona memory list` shows the names\n";
  return exit_failed;
}

}  // namespace

int memory_list(memory_access& memory, const memory_options& options, std::ostream& out,
                std::ostream& err) {
  if (const auto fault = fault_of(options); !fault.empty()) {
    err << "persona: " << fault << '\n';
    return exit_usage;
  }
  const auto done = memory.list(filter_of(options), options.with_past,
                                [&](const placed_chunk& one) { print(out, options.json, one); });
  return done ? 0 : refused(err, done.error());
}

int memory_history(memory_access& memory, const memory_options& options,
                   const std::string& logical_id, std::ostream& out, std::ostream& err) {
  const auto chain = memory.history(filter_of(options), logical_id);
  if (!chain)
    return refused(err, chain.error());
  if (chain->empty())
    return unknown_chain(err, logical_id);
  for (const auto& version : *chain)
    print(out, options.json, version);
  return 0;
}

int memory_rollback(memory_access& memory, const memory_options& options,
                    const std::string& logical_id, std::uint32_t to_version, std::ostream& out,
                    std::ostream& err) {
  const auto done = memory.roll_back(filter_of(options), logical_id, to_version);
  if (!done)
    return refused(err, done.error());
  if (!*done)
    return unknown_chain(err, logical_id);
  out << **done << '\n';
  return 0;
}

int memory_export(memory_access& memory, const memory_options& options, std::ostream& out,
                  std::ostream& err) {
  auto all = options;
  all.with_past = true;
  all.json = true;
  if (const auto code = memory_list(memory, all, out, err); code != 0)
    return code;
  const auto filter = filter_of(options);
  const auto done = memory.audit(filter.persona, {}, [&](const memory_audit& event) {
    if (!is_meant(filter, event.scope))
      return;
    auto line = std::string{};
    auto o = json_writer{line};
    append_json(o.key("scope"), event.scope);
    o.raw("audit", to_json(event)).close();
    out << line << '\n';
  });
  return done ? 0 : refused(err, done.error());
}

int memory_purge_all(memory_access& memory, const memory_options& options, bool confirmed,
                     std::ostream& out, std::ostream& err) {
  if (options.persona.empty()) {
    err << "persona: --persona is missing; give the id of a persona\n";
    return exit_usage;
  }
  if (!confirmed) {
    err << "persona: this removes what " << safe_line(options.persona)
        << " remembers, with all versions and audit events, and cannot be undone; export it "
           "first (persona memory export), then say --yes\n";
    return exit_usage;
  }
  const auto done = memory.purge(filter_of(options));
  if (!done)
    return refused(err, done.error());
  out << done->chunks << " chunks of " << done->scopes << " scopes removed\n";
  return 0;
}

}  // namespace persona_runtime::cli
