// A client's request does not depend on how its bytes are cut; reading what stands in it ends in a
// value or in a failure that can be shown. Of a head that can only be refused, the refusal may come
// before or after its end.

#include "api/http/request_parser.hpp"
#include "api/routes/body_reader.hpp"
#include "api/routes/read_request.hpp"
#include "tests/fuzz/cuts.hpp"

#include <tuple>

using namespace persona_runtime;
using namespace persona_runtime::api;

namespace {

constexpr std::size_t header_bytes_max = 400;
constexpr std::size_t bytes_max = 1'000;

bool takes_large(std::string_view, std::string_view target) {
  return target.size() % 2 == 0;
}

struct outcome {
  unsigned fault = 0;
  std::optional<http_request> request;
};

template <class Cut>
outcome parse(Cut&& cut) {
  auto parser = request_parser{{header_bytes_max, bytes_max / 4, bytes_max, takes_large}};
  auto held = std::string{};
  cut([&](std::string_view piece) {
    held.append(piece);
    held.erase(0, parser.feed(held));
    return !parser.failed() && !parser.is_complete();
  });
  if (parser.failed())
    return {parser.failed()->status, {}};
  if (parser.is_complete())
    return {0, parser.take()};
  return {};
}

auto fields(const http_request& r) {
  return std::tie(r.method, r.target, r.body, r.host, r.origin, r.authorization, r.last_event_id,
                  r.idempotency_key, r.content_type, r.accept, r.http_1_0, r.keep_alive);
}

template <class T>
void check(const result<T>& read) {
  if (!read)
    fuzz::require(!read.error().detail.empty(), "a failure says nothing\n");
}

void read_query(const http_request& request) {
  const auto target = parse_target(request.target);
  check(target);
  if (!target)
    return;
  for (const auto& segment : target->segments)
    static_cast<void>(is_plausible_id(segment));
  check(read_wait(*target));
  check(read_run_query(*target));
  check(read_page_query(*target));
  check(read_events_query(*target, request));
}

// Boost.JSON reads the last place of a long fraction inexactly, so those are no part of what is
// compared: all other values, the names and their order are.
// NOLINTNEXTLINE(misc-no-recursion): the parser has bounded the depth
void drop_fractions(boost::json::value& value) {
  if (value.is_double())
    value = nullptr;
  if (auto* array = value.if_array())
    for (auto& element : *array)
      drop_fractions(element);
  if (auto* object = value.if_object())
    for (auto& entry : *object)
      drop_fractions(entry.value());
}

std::string exact_part(boost::json::value value) {
  drop_fractions(value);
  return canonical_text(value);
}

void read_body(const http_request& request) {
  const auto body = parse_body(request.body);
  check(body);
  if (!body)
    return;
  check(read_run_request(*body, {}, request.idempotency_key, {}));
  check(read_run_answer(*body));
  check(read_cancel(*body));
  check(read_persona(*body));
  const auto again = parse_body(canonical_text(*body));
  fuzz::require(again.has_value(), "a canonical text is no JSON\n");
  fuzz::require(exact_part(*again) == exact_part(*body), "a canonical text is not canonical\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const auto bytes = std::string_view{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto whole = parse([&](auto&& feed) { feed(bytes); });
  const auto cut = parse([&](auto&& feed) { fuzz::in_pieces(bytes, data[0], feed); });
  fuzz::require(whole.request.has_value() == cut.request.has_value(), "the end depends on cuts\n");
  if (whole.request) {
    fuzz::require(fields(*whole.request) == fields(*cut.request), "a field depends on the cuts\n");
    fuzz::require(whole.request->body.size() <= bytes_max, "a body passed its bound\n");
    read_query(*whole.request);
    read_body(*whole.request);
  }
  return 0;
}
