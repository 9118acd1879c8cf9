#include "api/routes/edge_metrics.hpp"

#include <algorithm>

namespace persona_runtime::api {
namespace {

void add_head(std::string& text, std::string_view name, std::string_view type,
              std::string_view help) {
  text.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
  text.append(name).append(" ").append(type).append("\n");
}

template <class Number>
void add_metric(std::string& text, std::string_view name, std::string_view type,
                std::string_view help, const std::atomic<Number>& value) {
  add_head(text, name, type, help);
  text.append(name).append(" ").append(std::to_string(value.load(std::memory_order_relaxed)));
  text.append("\n");
}

}  // namespace

void edge_metrics::count_answer(std::size_t route, unsigned status) {
  const auto row = std::min(route, route_count - 1);
  const auto status_class = std::min<std::size_t>(status / 100, 5);
  answers_.at(row).at(status_class).fetch_add(1, std::memory_order_relaxed);
}

std::string edge_metrics::text() const {
  auto text = std::string{};
  add_head(text, "persona_http_requests_total", "counter", "Requests answered.");
  for (auto route = std::size_t{0}; route < answers_.size(); ++route) {
    for (auto status = std::size_t{0}; status < answers_[route].size(); ++status) {
      const auto count = answers_[route][status].load(std::memory_order_relaxed);
      if (count == 0)
        continue;
      text.append("persona_http_requests_total{route=\"");
      text.append(name_of(static_cast<route_id>(route))).append("\",status=\"");
      text.append(std::to_string(status)).append("xx\"} ").append(std::to_string(count));
      text.append("\n");
    }
  }
  add_metric(text, "persona_http_connections", "gauge", "Connections that are open.",
             connections_open);
  add_metric(text, "persona_http_viewers", "gauge", "Event streams that are open.", viewers_open);
  add_metric(text, "persona_http_connections_refused_total", "counter",
             "Connections over the limit.", connections_refused);
  add_metric(text, "persona_http_viewers_cut_total", "counter",
             "Event streams closed because the client stopped reading.", viewers_cut);
  add_metric(text, "persona_http_accept_pauses_total", "counter",
             "Times that no connection could be taken for want of descriptors.", accept_pauses);
  add_metric(text, "persona_http_bytes_out_total", "counter", "Bytes written to clients.",
             bytes_out);
  return text;
}

}  // namespace persona_runtime::api
