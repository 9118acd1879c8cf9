// What a journal's line is read as is written and read back the same; a setup likewise.

#include "domain/event/codec.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace persona_runtime;

namespace {

std::string written(const decoded_record& r) {
  auto text = std::string{};
  encode(text, r.body, {run_id{"run_1"}, {7}, r.at});
  return text;
}

void check_lines(std::string_view text) {
  const auto records = decode_body(text);
  if (!records)
    return;
  auto body = std::string{};
  for (const auto& record : *records)
    body += written(record);
  const auto again = decode_body(body);
  fuzz::require(again.has_value(), "a line of ours cannot be read\n");
  fuzz::require(again->size() == records->size(), "a record became another number of lines\n");
  auto twice = std::string{};
  for (const auto& record : *again)
    twice += written(record);
  fuzz::require(body == twice, "a record changes when it is written and read\n");
}

void check_setup(std::string_view text) {
  const auto setup = decode_setup(text);
  if (!setup)
    return;
  const auto body = encode_setup(**setup);
  const auto again = decode_setup(body);
  fuzz::require(again.has_value(), "a setup of ours cannot be read\n");
  fuzz::require(encode_setup(**again) == body, "a setup changes when it is written and read\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = std::string_view{reinterpret_cast<const char*>(data), size};
  check_lines(text);
  check_setup(text);
  return 0;
}
