#include "bootstrap/cli/simulate_command.hpp"

#include "bootstrap/cli/exit_codes.hpp"
#include "bootstrap/cli/signals.hpp"
#include "load/model_simulator.hpp"

#include <ostream>

namespace persona_runtime::cli {

int simulate_model(const simulate_options& options, std::ostream& out, std::ostream& err) {
  const auto signals = signal_gate{};
  const auto simulator = model_simulator::start(options.listen, options.how);
  if (!simulator) {
    err << "persona simulate-model: " << simulator.error().detail << '\n';
    return exit_failed;
  }
  out << "listening on http://" << (*simulator)->bound_address() << std::endl;
  static_cast<void>(signals.wait());
  return 0;
}

}  // namespace persona_runtime::cli
