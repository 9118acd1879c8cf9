#pragma once
// The time zones of this machine (/usr/share/zoneinfo).

#include "domain/tool/date_math.hpp"

namespace persona_runtime {

/// Looks zones up by their IANA names, exactly spelled. Reads files when a zone is first asked
/// for, so never on an actor's thread; any other thread may ask. Without a zone database it knows
/// only UTC.
[[nodiscard]] zone_offset machine_zones();

}  // namespace persona_runtime
