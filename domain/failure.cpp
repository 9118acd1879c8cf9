#include "domain/failure.hpp"

#include <array>
#include <stdexcept>

namespace persona_runtime {
namespace {

constexpr auto errc_tokens = std::array<std::string_view, 18>{
  "",
  "validation_error",
  "malformed_json",
  "run_not_found",
  "persona_not_found",
  "run_not_active",
  "not_awaiting_user",
  "run_active",
  "persona_in_use",
  "idempotency_key_reused",
  "overloaded",
  "journal_unavailable",
  "model_unavailable",
  "rate_limit_exceeded",
  "internal_error",
  "conversation_not_found",
  "turn_not_active",
  "turn_already_active",
};

}  // namespace

std::string_view token_of(errc code) {
  return errc_tokens.at(static_cast<std::size_t>(code));
}

void throw_exception_from_error(const failure& f, const boost::source_location&) {
  throw std::logic_error("unchecked failure: " + f.detail);
}

}  // namespace persona_runtime
