#include "domain/tier/model_catalog.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace persona_runtime {
namespace {

constexpr std::size_t text_bytes_max = 1u << 20;
constexpr std::size_t rows_max = 4096;
constexpr double price_max = 1e6;  // cents per 1,000 tokens
constexpr std::uint32_t window_max = 100'000'000;

/// Reads one row; keeps the first thing that is wrong with it.
class row_reader {
public:
  explicit row_reader(const YAML::Node& node) : node_{node} {}

  catalog_row read() {
    check_keys();
    catalog_row row;
    row.provider = text("provider");
    row.model = text("model");
    row.source = text("source");
    row.date = text("date");
    const auto in = number("in", price_max);
    const auto out = number("out", price_max);
    if (in.has_value() != out.has_value())
      complain("`in` and `out` go together");
    if (in && out)
      row.price = model_price{*in, *out};
    if (const auto window = number("window", window_max)) {
      if (*window < 1 || *window != std::floor(*window))
        complain("`window` is a whole number");
      row.context_window = static_cast<std::uint32_t>(*window);
    }
    row.native_tools = flag("native_tools");
    row.counts_exactly = node_["encoding"] && text("encoding") == "cl100k_base";
    return row;
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }

private:
  void complain(std::string what) {
    if (problem_.empty())
      problem_ = std::move(what);
  }

  void check_keys() {
    static const std::set<std::string, std::less<>> known{
      "provider", "model", "in", "out", "window", "encoding", "native_tools", "source", "date"};
    std::set<std::string> seen;
    for (const auto& item : node_) {
      const auto key = item.first.IsScalar() ? item.first.Scalar() : std::string{};
      if (!known.contains(key))
        complain("unknown key `" + key.substr(0, 64) + "`");
      if (!seen.insert(key).second)
        complain("`" + key.substr(0, 64) + "` stands twice");
    }
  }

  std::string text(const char* key) {
    const auto value = node_[key];
    if (value && value.IsScalar() && !value.Scalar().empty())
      return value.Scalar();
    complain(std::string{"`"} + key + "` is missing or no text");
    return {};
  }

  std::optional<double> number(const char* key, double max) {
    const auto value = node_[key];
    if (!value || value.IsNull())
      return std::nullopt;
    const auto written = value.IsScalar() ? value.Scalar() : std::string{"?"};
    double parsed = -1;
    const auto* end = written.data() + written.size();
    const auto read = std::from_chars(written.data(), end, parsed);
    if (read.ec == std::errc{} && read.ptr == end && parsed >= 0 && parsed <= max)
      return parsed;
    complain(std::string{"`"} + key + "` is no number from 0 on, or too large");
    return std::nullopt;
  }

  std::optional<bool> flag(const char* key) {
    const auto value = node_[key];
    if (!value)
      return std::nullopt;
    if (value.IsScalar() && value.Scalar() == "true")
      return true;
    if (value.IsScalar() && value.Scalar() == "false")
      return false;
    complain(std::string{"`"} + key + "` is true or false");
    return std::nullopt;
  }

  const YAML::Node& node_;
  std::string problem_;
};

failure refused(std::string_view name, int line, std::string_view what) {
  auto detail = std::string{name};
  if (line > 0)
    detail += ':' + std::to_string(line);
  detail.append(": ").append(what);
  return {errc::validation_error, detail.substr(0, 512)};
}

result<std::vector<catalog_row>> read_rows(const YAML::Node& list, std::string_view name) {
  std::vector<catalog_row> rows;
  std::set<std::string> seen;
  for (const auto& node : list) {
    const int line = node.Mark().line + 1;
    if (rows.size() == rows_max)
      return refused(name, line, "more than 4096 models");
    if (!node.IsMap())
      return refused(name, line, "a model is a mapping");
    row_reader reader{node};
    auto row = reader.read();
    if (!reader.problem().empty())
      return refused(name, line, reader.problem());
    if (!seen.insert(row.provider + '/' + row.model).second) {
      return refused(name, line, row.provider + '/' + row.model + " stands twice");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

result<model_catalog> model_catalog::parse(std::string_view text, std::string_view name) {
  if (text.size() > text_bytes_max)
    return refused(name, 0, "the table is larger than 1 MiB");
  try {
    const auto root = YAML::Load(std::string{text});
    if (!root.IsMap() || root.size() != 1 || !root["models"] || !root["models"].IsSequence()) {
      return refused(name, 1, "the table is one list, `models`");
    }
    auto rows = read_rows(root["models"], name);
    if (!rows)
      return rows.error();
    model_catalog catalog;
    catalog.rows_ = std::move(*rows);
    return catalog;
  } catch (const YAML::Exception& e) {
    return refused(name, e.mark.line + 1, e.msg);
  }
}

std::string_view bare_model(std::string_view provider, std::string_view model) {
  const bool has_prefix = model.size() > provider.size() + 1 && model.starts_with(provider)
                          && model[provider.size()] == '/';
  return has_prefix ? model.substr(provider.size() + 1) : model;
}

model_entry model_catalog::entry(std::string_view provider, std::string_view model) const {
  model_entry entry;
  entry.provider = provider;
  entry.model = bare_model(provider, model);
  const auto find = [&](std::string_view wanted) -> const catalog_row* {
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const catalog_row& row) {
      return row.provider == provider && row.model == wanted;
    });
    return found == rows_.end() ? nullptr : &*found;
  };
  std::optional<bool> native_tools;
  for (const auto* row : {find("*"), find(entry.model)}) {
    if (row == nullptr)
      continue;
    if (row->price)
      entry.price = row->price;
    if (row->context_window)
      entry.context_window = row->context_window;
    if (row->native_tools)
      native_tools = row->native_tools;
    entry.counts_exactly = entry.counts_exactly || row->counts_exactly;
  }
  entry.native_tools = native_tools.value_or(false);
  return entry;
}

}  // namespace persona_runtime
