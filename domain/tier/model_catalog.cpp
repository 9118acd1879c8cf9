#include "domain/tier/model_catalog.hpp"

#include "domain/yaml/yaml_tree.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace persona_runtime {
namespace {

constexpr std::size_t text_bytes_max = 1u << 20;
constexpr std::size_t rows_max = 4096;
constexpr double price_max = 1e6;  // cents per 1,000 tokens
constexpr double latency_ms_max = 3.6e6;
constexpr std::uint32_t window_max = 100'000'000;

/// Reads one row; keeps the first thing that is wrong with it.
class row_reader {
public:
  explicit row_reader(const yaml_node& node) : node_{node} {}

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
    const auto cache_read = number("cache_read", price_max);
    const auto cache_write = number("cache_write", price_max);
    if (in && out)
      row.price = model_price{*in, *out, cache_read, cache_write};
    else if (cache_read || cache_write)
      complain("`cache_read` and `cache_write` stand beside `in` and `out`");
    if (const auto window = number("window", window_max)) {
      if (*window < 1 || *window != std::floor(*window))
        complain("`window` is a whole number");
      row.context_window = static_cast<std::uint32_t>(*window);
    }
    row.native_tools = flag("native_tools");
    row.vision = flag("vision");
    const auto quality = number("quality", 1);
    const auto latency_ms = number("latency_ms", latency_ms_max);
    if (quality.has_value() != latency_ms.has_value())
      complain("`quality` and `latency_ms` go together");
    if (quality && latency_ms)
      row.traits = model_traits{*quality, *latency_ms};
    if (value("basis") != nullptr) {
      const auto basis = text("basis");
      row.is_verified = basis != "verify-at-deploy";
      if (row.is_verified && basis != "published")
        complain("`basis` is published or verify-at-deploy");
    }
    row.counts_exactly = value("encoding") != nullptr && text("encoding") == "cl100k_base";
    return row;
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }

private:
  void complain(std::string what) {
    if (problem_.empty())
      problem_ = std::move(what);
  }

  void check_keys() {
    static constexpr auto known = std::array<std::string_view, 15>{
      "provider",    "model",      "in",       "out",          "cache_read",
      "cache_write", "window",     "encoding", "native_tools", "vision",
      "quality",     "latency_ms", "basis",    "source",       "date"};
    for (const auto& entry : node_.entries) {
      if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
        complain("unknown key `" + entry.key.substr(0, 64) + "`");
      }
    }
  }

  [[nodiscard]] const yaml_node* value(std::string_view key) const {
    const auto* entry = node_.find(key);
    return entry == nullptr ? nullptr : entry->value.get();
  }

  std::string text(std::string_view key) {
    const auto* found = value(key);
    const bool is_scalar =
      found != nullptr && found->kind != yaml_kind::sequence && found->kind != yaml_kind::mapping;
    if (is_scalar && !found->text.empty())
      return found->text;
    complain("`" + std::string{key} + "` is missing or no text");
    return {};
  }

  std::optional<double> number(std::string_view key, double max) {
    const auto* found = value(key);
    if (found == nullptr || found->kind == yaml_kind::null)
      return std::nullopt;
    if (found->kind == yaml_kind::integer || found->kind == yaml_kind::real) {
      const double read = number_of(found->kind, found->text);
      if (read >= 0 && read <= max)
        return read;
    }
    complain("`" + std::string{key} + "` is no number from 0 on, or too large");
    return std::nullopt;
  }

  std::optional<bool> flag(std::string_view key) {
    const auto* found = value(key);
    if (found == nullptr)
      return std::nullopt;
    if (found->kind == yaml_kind::boolean)
      return boolean_of(found->text);
    complain("`" + std::string{key} + "` is true or false");
    return std::nullopt;
  }

  const yaml_node& node_;
  std::string problem_;
};

failure bad_model_row(std::string_view name, std::uint32_t line, std::string_view what) {
  auto detail = std::string{name};
  if (line > 0)
    detail += ':' + std::to_string(line);
  detail.append(": ").append(what);
  return {errc::validation_error, detail.substr(0, 512)};
}

result<std::vector<catalog_row>> read_rows(const yaml_node& list, std::string_view name) {
  std::vector<catalog_row> rows;
  std::set<std::string> seen;
  for (const auto& node : list.items) {
    if (rows.size() == rows_max)
      return bad_model_row(name, node->line, "more than 4096 models");
    if (node->kind != yaml_kind::mapping)
      return bad_model_row(name, node->line, "a model is a mapping");
    row_reader reader{*node};
    auto row = reader.read();
    if (!reader.problem().empty())
      return bad_model_row(name, node->line, reader.problem());
    if (!seen.insert(row.provider + '/' + row.model).second) {
      return bad_model_row(name, node->line, row.provider + '/' + row.model + " stands twice");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

const catalog_row* row_of(const std::vector<catalog_row>& rows, std::string_view provider,
                          std::string_view model) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const catalog_row& row) {
    return row.provider == provider && row.model == model;
  });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

result<model_catalog> model_catalog::parse(std::string_view text, std::string_view name) {
  yaml_limits bounds;
  bounds.bytes_max = text_bytes_max;
  const auto document = parse_yaml(text, bounds);
  if (!document)
    return bad_model_row(name, document.error().line, document.error().text);
  if (!document->notices.empty()) {
    const auto& twice = document->notices.front();
    return bad_model_row(name, twice.line, twice.text);
  }
  const auto* models = document->root->find("models");
  if (models == nullptr || document->root->entries.size() != 1
      || models->value->kind != yaml_kind::sequence) {
    return bad_model_row(name, 1, "the table is one list, `models`");
  }
  auto rows = read_rows(*models->value, name);
  if (!rows)
    return rows.error();
  model_catalog catalog;
  catalog.rows_ = std::move(*rows);
  return catalog;
}

model_traits_table model_catalog::traits() const {
  auto out = model_traits_table{};
  for (const auto& row : rows_) {
    if (row.traits)
      out.emplace(row.provider + '/' + row.model, *row.traits);
  }
  return out;
}

std::vector<std::string> model_catalog::unverified() const {
  auto out = std::vector<std::string>{};
  for (const auto& row : rows_) {
    if (!row.is_verified)
      out.push_back(row.provider + '/' + row.model);
  }
  return out;
}

std::string_view bare_model(std::string_view provider, std::string_view model) {
  const bool has_prefix = model.size() > provider.size() + 1 && model.starts_with(provider)
                          && model[provider.size()] == '/';
  return has_prefix ? model.substr(provider.size() + 1) : model;
}

const catalog_row* model_catalog::find(std::string_view provider, std::string_view model) const {
  return row_of(rows_, provider, bare_model(provider, model));
}

model_catalog model_catalog::with(const model_catalog& over) const {
  auto all = over;
  for (const auto& row : rows_) {
    if (row_of(over.rows_, row.provider, row.model) == nullptr)
      all.rows_.push_back(row);
  }
  return all;
}

model_entry model_catalog::entry(std::string_view provider, std::string_view model) const {
  model_entry entry;
  entry.provider = provider;
  entry.model = bare_model(provider, model);
  std::optional<bool> native_tools;
  for (const auto* row : {row_of(rows_, provider, "*"), row_of(rows_, provider, entry.model)}) {
    if (row == nullptr)
      continue;
    if (row->price)
      entry.price = row->price;
    if (row->context_window)
      entry.context_window = row->context_window;
    if (row->native_tools)
      native_tools = row->native_tools;
    entry.vision = row->vision.value_or(entry.vision);
    entry.counts_exactly = entry.counts_exactly || row->counts_exactly;
  }
  entry.native_tools = native_tools.value_or(false);
  return entry;
}

}  // namespace persona_runtime
