#include "domain/event/event_data.hpp"

namespace persona_runtime {

std::string_view event_data_of(std::string_view line) {
  // Nothing before `data` holds its key, and nothing behind `timestamp` does: both ends are sure.
  constexpr auto data = std::string_view{",\"data\":"};
  constexpr auto timestamp = std::string_view{",\"timestamp\":\""};
  const auto key = line.find(data);
  const auto end = line.rfind(timestamp);
  if (key == std::string_view::npos || end == std::string_view::npos || end < key + data.size())
    return line.substr(0, 0);
  return line.substr(key + data.size(), end - key - data.size());
}

}  // namespace persona_runtime
