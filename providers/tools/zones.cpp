#include "providers/tools/zones.hpp"

#include <date/tz.h>

#include <stdexcept>

namespace persona_runtime {
namespace {

std::optional<std::chrono::seconds> offset_in(std::string_view zone,
                                              std::chrono::sys_seconds moment) {
  // As in every database, and without one.
  if (zone == "UTC")
    return std::chrono::seconds{0};
  try {
    return date::locate_zone(zone)->get_info(moment).offset;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace

zone_offset machine_zones() {
  return offset_in;
}

}  // namespace persona_runtime
