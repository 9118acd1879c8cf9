#include "domain/memory/chunk_json.hpp"

#include "domain/memory/json_fields.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

namespace persona_runtime {
namespace {

void text_or_null(json_writer& o, std::string_view name, const std::optional<std::string>& text) {
  o.text_or_null(name, text.value_or(""), text.has_value());
}

void append_provenance(std::string& out, const memory_provenance& from) {
  auto o = json_writer{out};
  o.text("source", name_of(from.source)).text("logical_id", from.logical_id);
  o.number("version", from.version);
  text_or_null(o, "superseded_by", from.superseded_by);
  o.text("written_at", to_text(from.written_at));
  text_or_null(o, "written_by", from.written_by);
  text_or_null(o, "reason", from.reason);
  o.flag("retired", from.retired).flag("from_document", from.from_document).close();
}

memory_provenance provenance_of(simdjson::dom::element at, memory_fields& outer) {
  auto in = memory_fields{at};
  auto out = memory_provenance{};
  const auto source = memory_source_of(in.text("source"));
  if (!source)
    in.complain("source is none of system, user, persona_self");
  out.source = source.value_or(memory_source::system);
  out.logical_id = in.text("logical_id");
  out.version = in.count("version");
  out.superseded_by = in.text_or_none("superseded_by");
  out.written_at = in.time("written_at");
  out.written_by = in.text_or_none("written_by");
  out.reason = in.text_or_none("reason");
  out.retired = in.flag("retired");
  out.from_document = in.flag("from_document");
  if (const auto problem = in.problem(); !problem.empty())
    outer.complain("provenance: " + problem);
  return out;
}

}  // namespace

void append_json(std::string& out, const memory_chunk& chunk) {
  auto o = json_writer{out};
  o.text("id", chunk.id).text("text", chunk.text);
  append_metadata(o.key("metadata"), chunk.metadata);
  o.text("content_hash", chunk.content_hash);
  if (chunk.provenance)
    append_provenance(o.key("provenance"), *chunk.provenance);
  else
    o.raw("provenance", "null");
  o.text("created_at", to_text(chunk.created_at)).text("key", chunk.key);
  if (chunk.distance)
    o.number("distance", *chunk.distance);
  else
    o.raw("distance", "null");
  o.close();
}

std::string to_json(const memory_chunk& chunk) {
  auto out = std::string{};
  append_json(out, chunk);
  return out;
}

result<memory_chunk> memory_chunk_from_json(std::string_view json) {
  auto parser = simdjson::dom::parser{};
  auto document = simdjson::dom::element{};
  if (parser.parse(json.data(), json.size()).get(document))
    return failure{errc::validation_error, "a memory chunk: is not JSON"};
  auto in = memory_fields{document};
  auto chunk = memory_chunk{};
  chunk.id = in.text("id");
  chunk.text = in.text("text");
  chunk.metadata = in.metadata("metadata");
  chunk.content_hash = in.text("content_hash");
  if (const auto from = in.object_or_none("provenance"))
    chunk.provenance = provenance_of(*from, in);
  chunk.created_at = in.time("created_at");
  chunk.key = in.text("key");
  chunk.distance = in.number_or_none("distance");
  if (const auto problem = in.problem(); !problem.empty())
    return failure{errc::validation_error, "a memory chunk: " + problem};
  return checked_chunk(std::move(chunk));
}

std::string metadata_json(const memory_metadata& metadata) {
  auto out = std::string{};
  append_metadata(out, metadata);
  return out;
}

std::optional<memory_metadata> metadata_from_json(std::string_view json) {
  if (json == "{}")
    return memory_metadata{};
  auto parser = simdjson::dom::parser{};
  auto document = simdjson::dom::element{};
  if (parser.parse(json.data(), json.size()).get(document))
    return std::nullopt;
  return metadata_of(document);
}

}  // namespace persona_runtime
