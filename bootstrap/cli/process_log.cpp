#include "bootstrap/cli/process_log.hpp"

#include "bootstrap/utc_now.hpp"

namespace persona_runtime::cli {
result<log_ptr> open_process_log(const configuration& config, const std::string& wanted,
                                 log_level usual) {
  const auto& set = config.loaded.values.log;
  auto options = log_options{};
  options.level = config.loaded.set.contains("log.level") ? log_level_of(set.level) : usual;
  if (!wanted.empty())
    options.level = log_level_of(wanted);
  options.format = set.format == "json" ? log_format::json : log_format::pretty;
  options.file = set.file;
  return open_log(options, utc_now);
}

void log_notices(log_sink& log, const std::vector<config_notice>& notices) {
  for (const auto& notice : notices)
    log.write(notice.is_warning ? log_level::warning : log_level::info, "settings", notice.text,
              {});
}

}  // namespace persona_runtime::cli
