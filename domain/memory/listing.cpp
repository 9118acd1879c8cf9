#include "domain/memory/listing.hpp"

#include "domain/memory/chunk_json.hpp"
#include "domain/memory/json_fields.hpp"
#include "domain/text/json_text.hpp"

#include <array>
#include <charconv>

namespace persona_runtime {
namespace {

constexpr auto digits = std::string_view{"0123456789abcdef"};

void append_hex(std::string& out, std::string_view bytes) {
  for (const auto byte : bytes) {
    out += digits[static_cast<unsigned char>(byte) >> 4];
    out += digits[static_cast<unsigned char>(byte) & 15];
  }
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0)
    return std::nullopt;
  auto out = std::string{};
  for (auto i = std::size_t{0}; i < text.size(); i += 2) {
    const auto high = digits.find(text[i]);
    const auto low = digits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos)
      return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

/// The parts between the dots; none: they are not four.
std::optional<std::array<std::string_view, 4>> four_parts(std::string_view text) {
  auto parts = std::array<std::string_view, 4>{};
  for (auto i = std::size_t{0}; i < parts.size(); ++i) {
    const auto end = i + 1 < parts.size() ? text.find('.') : text.size();
    if (end == std::string_view::npos)
      return std::nullopt;
    parts[i] = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

failure no_page(const std::string& problem) {
  return {errc::validation_error, "a page of memory: " + problem};
}

/// The list `items` of a page; the parser outlives it. None: it is no page.
std::optional<simdjson::dom::object>
page_object(simdjson::dom::parser& parser, std::string_view json, simdjson::dom::array& items) {
  auto document = simdjson::dom::element{};
  auto page = simdjson::dom::object{};
  if (parser.parse(json.data(), json.size()).get(document) || document.get(page)
      || page["items"].get(items))
    return std::nullopt;
  return page;
}

result<placed_chunk> placed_chunk_of(simdjson::dom::element item) {
  auto in = memory_fields{item};
  const auto store = in.text("store");
  const auto scope = in.object_or_none("scope");
  const auto body = in.object_or_none("chunk");
  if (const auto problem = in.problem(); !problem.empty())
    return no_page(problem);
  const auto kind = memory_store_kind_of(store);
  if (!scope || !body || !kind)
    return no_page("an entry without scope, store or chunk");
  auto of = memory_fields{*scope};
  auto out = placed_chunk{};
  out.place = {{{of.text("persona")}, {of.text("owner")}, of.text("user")}, *kind};
  if (const auto problem = of.problem(); !problem.empty())
    return no_page("scope: " + problem);
  auto chunk = memory_chunk_from_json(simdjson::minify(*body));
  if (!chunk)
    return chunk.error();
  out.chunk = std::move(*chunk);
  return out;
}

}  // namespace

bool is_meant(const memory_filter& filter, const memory_scope& scope) {
  return (filter.owner.empty() || scope.owner.value == filter.owner)
         && (filter.user.empty() || scope.user == filter.user);
}

memory_purge purge_of(const memory_filter& what, std::string asked_by, instant now) {
  auto out = memory_purge{};
  out.persona = what.persona;
  if (!what.owner.empty())
    out.owner = owner_id{what.owner};
  if (!what.user.empty())
    out.user = what.user;
  out.asked_by = std::move(asked_by);
  out.at = now;
  return out;
}

memory_request rollback_of(const memory_place& place, std::string name, std::uint32_t to_version,
                           std::string asked_by, instant now) {
  auto out = memory_request{};
  out.place = place;
  out.author.source = memory_source::user;
  out.author.written_by = std::move(asked_by);
  out.author.at = now;
  out.change = rollback_memory{std::move(name), to_version};
  return out;
}

std::vector<memory_place> places_of(const std::vector<memory_scope>& scopes,
                                    const memory_filter& filter) {
  auto out = std::vector<memory_place>{};
  for (const auto& scope : scopes) {
    if (!is_meant(filter, scope))
      continue;
    for (const auto kind : memory_store_kinds) {
      if (filter.store.value_or(kind) == kind)
        out.push_back({scope, kind});
    }
  }
  return out;
}

std::string cursor_text(const memory_position& position) {
  auto out = std::to_string(static_cast<unsigned>(position.place.kind)) + "."
             + std::to_string(position.offset) + ".";
  append_hex(out, position.place.scope.owner.value);
  out += '.';
  append_hex(out, position.place.scope.user);
  return out;
}

std::optional<memory_position> memory_position_of(std::string_view cursor,
                                                  const persona_id& persona) {
  const auto parts = four_parts(cursor);
  if (!parts)
    return std::nullopt;
  const auto [kind, offset, owner, user] = *parts;
  const auto is_kind = kind.size() == 1 && kind[0] >= '0'
                       && kind[0] < static_cast<char>('0' + memory_store_kinds.size());
  auto out = memory_position{};
  const auto* end = offset.data() + offset.size();
  const auto read = std::from_chars(offset.data(), end, out.offset);
  const auto of_owner = from_hex(owner);
  const auto of_user = from_hex(user);
  // Above 15 digits no list goes on: what counts rows in the database is signed.
  if (!is_kind || read.ec != std::errc{} || read.ptr != end || offset.size() > 15 || !of_owner
      || !of_user)
    return std::nullopt;
  out.place = {{persona, {*of_owner}, *of_user}, static_cast<memory_store_kind>(kind[0] - '0')};
  return out;
}

void append_json(std::string& out, const memory_scope& scope) {
  auto o = json_writer{out};
  o.text("persona", scope.persona.value).text("owner", scope.owner.value).text("user", scope.user);
  o.close();
}

void append_json(std::string& out, const placed_chunk& one) {
  auto o = json_writer{out};
  append_json(o.key("scope"), one.place.scope);
  o.text("store", name_of(one.place.kind));
  append_json(o.key("chunk"), one.chunk);
  o.close();
}

result<memory_page> memory_page_from_json(std::string_view json) {
  auto parser = simdjson::dom::parser{};
  auto items = simdjson::dom::array{};
  const auto page = page_object(parser, json, items);
  if (!page)
    return no_page("has no items");
  auto out = memory_page{};
  for (const auto item : items) {
    auto one = placed_chunk_of(item);
    if (!one)
      return one.error();
    out.items.push_back(std::move(*one));
  }
  auto next = simdjson::dom::element{};
  auto text = std::string_view{};
  if ((*page)["next_cursor"].get(next) || (!next.is_null() && next.get(text)))
    return no_page("next_cursor is neither a text nor null");
  out.next = std::string{text};
  return out;
}

result<audit_page> audit_page_from_json(std::string_view json) {
  auto parser = simdjson::dom::parser{};
  auto items = simdjson::dom::array{};
  const auto page = page_object(parser, json, items);
  if (!page)
    return no_page("has no items");
  auto out = audit_page{};
  for (const auto item : items) {
    auto event = memory_audit_from_json(simdjson::minify(item));
    if (!event)
      return event.error();
    out.items.push_back(std::move(*event));
  }
  auto next = simdjson::dom::element{};
  auto number = std::uint64_t{0};
  if ((*page)["next_offset"].get(next) || (!next.is_null() && next.get(number)))
    return no_page("next_offset is neither a number nor null");
  if (!next.is_null())
    out.next = number;
  return out;
}

}  // namespace persona_runtime
