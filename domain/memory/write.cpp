#include "domain/memory/write.hpp"

#include <array>
#include <stdexcept>

namespace persona_runtime {

std::string_view name_of(memory_refusal::why kind) {
  constexpr auto names =
    std::array<std::string_view, 5>{"RuntimeWriteForbidden", "PersonaSelfWriteForbidden",
                                    "BrokenVersionChain", "ChunkIdInUse", "InvalidChunk"};
  return names.at(static_cast<std::size_t>(kind));
}

failure to_failure(const memory_refusal& refusal) {
  constexpr auto detail_max = std::size_t{512};
  auto detail = std::string{name_of(refusal.kind)} + ": " + refusal.detail;
  if (detail.size() > detail_max)
    detail.resize(detail_max);
  return {errc::validation_error, std::move(detail)};
}

void throw_exception_from_error(const memory_refusal& refusal, const boost::source_location&) {
  throw std::logic_error("unchecked refusal: " + refusal.detail);
}

}  // namespace persona_runtime
