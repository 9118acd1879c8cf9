#include "domain/text/instant_text.hpp"

#include "domain/text/iso_time.hpp"

namespace persona_runtime {

using namespace std::chrono;

std::string to_text(instant at) {
  return local_text(local_time<milliseconds>{milliseconds{at.value}}) + 'Z';
}

std::optional<instant> instant_of(std::string_view text) {
  const auto parsed = text.ends_with('Z') ? parse_iso(text) : std::nullopt;
  if (!parsed || !parsed->offset)
    return std::nullopt;
  return instant{floor<milliseconds>(parsed->local.time_since_epoch()).count()};
}

}  // namespace persona_runtime
