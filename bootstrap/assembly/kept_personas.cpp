#include "bootstrap/assembly/kept_personas.hpp"

#include <array>
#include <utility>

namespace persona_runtime {

result<std::vector<config_notice>> keep_personas(engine& host, folder_reading read) {
  constexpr auto words = std::array{"unchanged", "added", "updated"};
  auto counts = std::array<std::size_t, words.size()>{};
  auto out = std::vector<config_notice>{};
  for (auto& warning : read.warnings)
    out.push_back({true, std::move(warning)});
  for (auto& p : read.personas) {
    const auto kept = host.keep_persona(p.id, p.owner, std::move(p.yaml));
    if (!kept && kept.error().code != errc::validation_error)
      return kept.error();
    if (!kept) {
      out.push_back({true, p.file.native() + ": left out: " + kept.error().detail});
      continue;
    }
    const auto how = static_cast<std::size_t>(*kept);
    ++counts.at(how);
    if (*kept != kept_persona::unchanged)
      out.push_back(
        {false, "persona " + p.id.value + ' ' + words.at(how) + " from " + p.file.native()});
  }
  auto total = std::string{"personas in files:"};
  for (auto i = std::size_t{0}; i < words.size(); ++i)
    total += (i == 0 ? " " : ", ") + std::to_string(counts.at(i)) + ' ' + words.at(i);
  out.push_back({false, std::move(total)});
  return out;
}

}  // namespace persona_runtime
