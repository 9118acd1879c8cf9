#include "bootstrap/cli/memory_command.hpp"

#include "bootstrap/cli/exit_codes.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/memory/chunk_json.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

#include <ostream>
#include <vector>

namespace persona_runtime::cli {
namespace {

constexpr auto chunks_page = std::uint32_t{500};

int refused(std::ostream& err, const failure& f) {
  err << "persona: " << f.detail << '\n';
  return 1;
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

bool is_meant(const memory_options& options, const memory_scope& scope) {
  return (options.owner.empty() || scope.owner.value == options.owner)
         && (options.user.empty() || scope.user == options.user);
}

result<std::vector<memory_place>> places_of(chunk_reader& reader, const memory_options& options) {
  const auto scopes = reader.list_scopes({options.persona});
  if (!scopes)
    return scopes.error();
  auto out = std::vector<memory_place>{};
  for (const auto& scope : *scopes) {
    for (const auto kind : memory_store_kinds) {
      if (is_meant(options, scope) && (options.store.empty() || name_of(kind) == options.store))
        out.push_back({scope, kind});
    }
  }
  return out;
}

void append_scope(std::string& out, const memory_scope& scope) {
  auto o = json_writer{out};
  o.text("persona", scope.persona.value).text("owner", scope.owner.value).text("user", scope.user);
  o.close();
}

std::string json_line(const memory_place& place, const memory_chunk& chunk) {
  auto line = std::string{};
  auto o = json_writer{line};
  append_scope(o.key("scope"), place.scope);
  o.text("store", name_of(place.kind));
  append_json(o.key("chunk"), chunk);
  o.close();
  return line;
}

std::string text_line(const memory_place& place, const memory_chunk& chunk) {
  auto line = std::string{name_of(place.kind)};
  line += is_shared(place.scope) ? "  author" : "  " + place.scope.user;
  if (chunk.provenance) {
    line += "  v" + std::to_string(chunk.provenance->version)
            + (is_head(chunk)              ? ""
               : chunk.provenance->retired ? " (retired)"
                                           : " (past)");
    line += "  " + chunk.provenance->logical_id;
  }
  return line + "  " + to_text(chunk.created_at) + "  " + safe_line(chunk.text);
}

void print(std::ostream& out, const memory_options& options, const memory_place& place,
           const memory_chunk& chunk) {
  out << (options.json ? json_line(place, chunk) : text_line(place, chunk)) << '\n';
}

/// Calls `each` with every chunk of a place, in pages.
template <class Each>
result<void> for_each_chunk(chunk_reader& reader, const memory_place& place, bool with_past,
                            const Each& each) {
  auto filter = chunk_filter{place, with_past, chunks_page, 0};
  for (;;) {
    const auto chunks = reader.list_chunks(filter);
    if (!chunks)
      return chunks.error();
    for (const auto& chunk : *chunks)
      each(chunk);
    if (chunks->size() < chunks_page)
      return {};
    filter.offset += chunks_page;
  }
}

/// The place that holds a chain; none: nobody does.
result<std::optional<memory_place>> place_of(chunk_reader& reader, const memory_options& options,
                                             const std::string& logical_id) {
  const auto places = places_of(reader, options);
  if (!places)
    return places.error();
  for (const auto& place : *places) {
    const auto chain = reader.history(place, logical_id);
    if (!chain)
      return chain.error();
    if (!chain->empty())
      return std::optional{place};
  }
  return std::optional<memory_place>{};
}

int unknown_chain(std::ostream& err, const std::string& logical_id) {
  err << "persona: nothing is remembered as " << safe_line(logical_id)
      << "; `persona memory list` shows the names\n";
  return 1;
}

result<void> export_audit(chunk_reader& reader, const memory_options& options, std::ostream& out) {
  for (auto offset = std::uint64_t{0};; offset += chunks_page) {
    const auto events = reader.read_audit({options.persona}, std::nullopt, {}, chunks_page, offset);
    if (!events)
      return events.error();
    for (const auto& event : *events) {
      if (!is_meant(options, event.scope))
        continue;
      auto line = std::string{};
      auto o = json_writer{line};
      append_scope(o.key("scope"), event.scope);
      o.raw("audit", to_json(event)).close();
      out << line << '\n';
    }
    if (events->size() < chunks_page)
      return {};
  }
}

}  // namespace

int memory_list(chunk_reader& reader, const memory_options& options, std::ostream& out,
                std::ostream& err) {
  if (const auto fault = fault_of(options); !fault.empty()) {
    err << "persona: " << fault << '\n';
    return exit_usage;
  }
  const auto places = places_of(reader, options);
  if (!places)
    return refused(err, places.error());
  for (const auto& place : *places) {
    const auto done =
      for_each_chunk(reader, place, options.with_past,
                     [&](const memory_chunk& chunk) { print(out, options, place, chunk); });
    if (!done)
      return refused(err, done.error());
  }
  return 0;
}

int memory_history(chunk_reader& reader, const memory_options& options,
                   const std::string& logical_id, std::ostream& out, std::ostream& err) {
  const auto place = place_of(reader, options, logical_id);
  if (!place)
    return refused(err, place.error());
  if (!*place)
    return unknown_chain(err, logical_id);
  const auto chain = reader.history(**place, logical_id);
  if (!chain)
    return refused(err, chain.error());
  for (const auto& version : *chain)
    print(out, options, **place, version);
  return 0;
}

int memory_rollback(journal_store& store, const memory_options& options,
                    const std::string& logical_id, std::uint32_t to_version, instant now,
                    std::ostream& out, std::ostream& err) {
  const auto reader = store.open_chunk_reader();
  const auto place = place_of(*reader, options, logical_id);
  if (!place)
    return refused(err, place.error());
  if (!*place)
    return unknown_chain(err, logical_id);
  auto request = memory_request{};
  request.place = **place;
  request.author.source = memory_source::user;
  request.author.written_by = "persona memory rollback";
  request.author.at = now;
  request.change = rollback_memory{logical_id, to_version};
  const auto done = store.write_memory({&request, 1});
  if (!done)
    return refused(err, done.error());
  if (done->front().refusal)
    return refused(err, to_failure(*done->front().refusal));
  out << done->front().chunk_ids.front() << '\n';
  return 0;
}

int memory_export(chunk_reader& reader, const memory_options& options, std::ostream& out,
                  std::ostream& err) {
  auto all = options;
  all.with_past = true;
  all.json = true;
  if (const auto code = memory_list(reader, all, out, err); code != 0)
    return code;
  const auto done = export_audit(reader, options, out);
  return done ? 0 : refused(err, done.error());
}

int memory_purge_all(journal_store& store, const memory_options& options, bool confirmed,
                     instant now, std::ostream& out, std::ostream& err) {
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
  auto what = memory_purge{};
  what.persona = {options.persona};
  if (!options.owner.empty())
    what.owner = owner_id{options.owner};
  if (!options.user.empty())
    what.user = options.user;
  what.asked_by = "persona memory purge";
  what.at = now;
  const auto done = store.purge_memory(what);
  if (!done)
    return refused(err, done.error());
  out << done->chunks << " chunks of " << done->scopes << " scopes removed\n";
  return 0;
}

}  // namespace persona_runtime::cli
