#include "domain/event/produced_files.hpp"

#include <simdjson.h>

namespace persona_runtime {

std::string produced_files(std::string_view data) {
  if (data.find("produced_files") == std::string_view::npos)
    return {};
  auto parser = simdjson::dom::parser{};
  simdjson::dom::array files;
  if (parser.parse(data.data(), data.size())["produced_files"].get(files) || files.size() == 0)
    return {};
  return simdjson::minify(files);
}

}  // namespace persona_runtime
