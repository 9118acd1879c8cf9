#include "bootstrap/log/log.hpp"

#include "bootstrap/log/repeat_limit.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <utility>
#include <vector>

namespace persona_runtime {
namespace {

spdlog::level::level_enum spdlog_level(log_level level) {
  return static_cast<spdlog::level::level_enum>(level);
}
static_assert(static_cast<int>(log_level::trace) == SPDLOG_LEVEL_TRACE);
static_assert(static_cast<int>(log_level::off) == SPDLOG_LEVEL_OFF);

class async_log final : public log_sink {
public:
  async_log(const log_options& options, std::vector<spdlog::sink_ptr> sinks,
            std::function<instant()> now)
    : level_{options.level}, format_{options.format}, repeats_{options.repeats_per_second},
      now_{std::move(now)}, writer_{std::make_shared<spdlog::details::thread_pool>(
                              options.lines_waiting_max, 1)},
      lines_{
        std::make_shared<spdlog::async_logger>("persona", sinks.begin(), sinks.end(), writer_,
                                               spdlog::async_overflow_policy::overrun_oldest)} {
    lines_->set_level(spdlog_level(level_));
    lines_->flush_on(spdlog::level::trace);
    lines_->set_pattern("%v");
    // A full disk must not become a second stream of complaints.
    lines_->set_error_handler([](const std::string&) {});
  }

  /// The writer ends first: its thread writes what waits and is joined, and then nobody else uses
  /// the sinks.
  ~async_log() override { writer_.reset(); }
  async_log(const async_log&) = delete;
  async_log& operator=(const async_log&) = delete;

  [[nodiscard]] bool wants(log_level level) const noexcept override { return level >= level_; }

  void write(log_level level, std::string_view component, std::string_view what,
             std::initializer_list<log_field> fields) noexcept override {
    if (!wants(level))
      return;
    try {
      const auto now = now_();
      const auto left_out = level < log_level::info ? std::optional<std::uint64_t>{0}
                                                    : repeats_.pass(component, what, now);
      if (left_out) {
        const auto text = line_text(format_, {now, level, component, what, *left_out}, fields);
        lines_->log(spdlog_level(level), spdlog::string_view_t{text.data(), text.size()});
      }
    } catch (...) {
      // Out of memory: a line less is the least of it.
    }
  }

private:
  const log_level level_;
  const log_format format_;
  repeat_limit repeats_;
  const std::function<instant()> now_;
  std::shared_ptr<spdlog::details::thread_pool> writer_;
  const std::shared_ptr<spdlog::async_logger> lines_;
};

}  // namespace

result<log_ptr> open_log(const log_options& options, std::function<instant()> now) {
  auto sinks = std::vector<spdlog::sink_ptr>{std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  if (options.file) {
    try {
      sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(*options.file));
    } catch (const spdlog::spdlog_ex& e) {
      return failure{errc::validation_error, "log.file: " + std::string{e.what()}};
    }
  }
  return log_ptr{std::make_shared<async_log>(options, std::move(sinks), std::move(now))};
}

}  // namespace persona_runtime
