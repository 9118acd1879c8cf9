#pragma once
// What is known about models: prices, windows, native tools (config/models.yaml). Data, no I/O.

#include "domain/failure.hpp"
#include "domain/tier/model_traits.hpp"
#include "domain/tier/tier_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// One row. The model "*" stands for every model of its provider; a row with the model's own name
/// goes before it, field by field.
struct catalog_row {
  std::string provider;
  std::string model;
  std::optional<model_price> price;  // none: unknown
  std::optional<std::uint32_t> context_window;
  std::optional<bool> native_tools;
  std::optional<bool> vision;
  std::optional<model_traits> traits;
  bool counts_exactly = false;  // its encoding is cl100k_base
  bool is_verified = true;      // false: its price is to be checked before anybody relies on it
  std::string source;           // where the figures come from; "reference": taken over
  std::string date;             // YYYY-MM-DD, when they were read there
  friend bool operator==(const catalog_row&, const catalog_row&) = default;
};

class model_catalog {
public:
  model_catalog() = default;

  /// Reads a table: `models:` is a list of mappings with `provider`, `model`, `source`, `date` and
  /// optionally `in`, `out` (cents per 1,000 tokens, together or not at all), beside them
  /// `cache_read`, `cache_write` (likewise, of prompt tokens that the provider keeps), `window`
  /// (tokens), `native_tools`, `vision`, `encoding`, `basis` (published or verify-at-deploy),
  /// `quality` and `latency_ms` (together or not at all; what choosing between models goes by). At
  /// most 4,096 rows and 1 MiB. Unknown or repeated keys, repeated models and values out of range
  /// are refused with `name` and line.
  [[nodiscard]] static result<model_catalog> parse(std::string_view text, std::string_view name);

  /// The entry of a configured model: `model` without one leading "<provider>/", what the table
  /// knows, and defaults for the rest. `native_tools` and `vision` of a model that the table does
  /// not know are false.
  [[nodiscard]] model_entry entry(std::string_view provider, std::string_view model) const;

  /// Quality and latency of the models of which both are known.
  [[nodiscard]] model_traits_table traits() const;

  /// The same table with the rows of `over` in place of its own of the same model.
  [[nodiscard]] model_catalog with(const model_catalog& over) const;

  /// The row of that very model, named as entry() takes it; null: there is none.
  [[nodiscard]] const catalog_row* find(std::string_view provider, std::string_view model) const;

  /// "provider/model" of every row whose basis is verify-at-deploy.
  [[nodiscard]] std::vector<std::string> unverified() const;

  [[nodiscard]] const std::vector<catalog_row>& rows() const { return rows_; }

private:
  std::vector<catalog_row> rows_;
};

/// `model` without one leading "<provider>/".
[[nodiscard]] std::string_view bare_model(std::string_view provider, std::string_view model);

}  // namespace persona_runtime
