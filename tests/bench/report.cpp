#include "tests/bench/report.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>

namespace persona_runtime::bench {
namespace {

std::string text_of(double value) {
  auto digits = std::array<char, 64>{};
  const auto is_whole = std::abs(value - std::round(value)) < 1e-9;
  const auto* format = is_whole ? "%.0f" : value < 10 ? "%.3f" : "%.1f";
  std::snprintf(digits.data(), digits.size(), format, value);
  return digits.data();
}

std::string in_quotes(const std::string& text) {
  auto out = std::string{"\""};
  for (const auto c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

}  // namespace

void print_table(const report& what) {
  std::printf("\n%s\n", what.title.c_str());
  for (const auto& f : what.figures)
    std::printf("  %-44s %12s %-8s %s\n", f.name.c_str(), text_of(f.value).c_str(), f.unit.c_str(),
                f.target.c_str());
  for (const auto& loss : what.losses)
    std::printf("  LOST: %s\n", loss.c_str());
  std::fflush(stdout);
}

bool write_json(const report& what, const std::string& file) {
  auto out = std::ofstream{file};
  out << "{\"title\":" << in_quotes(what.title) << ",\"figures\":[";
  auto between = "";
  for (const auto& f : what.figures) {
    out << between << "\n{\"name\":" << in_quotes(f.name) << ",\"value\":" << text_of(f.value)
        << ",\"unit\":" << in_quotes(f.unit) << ",\"target\":" << in_quotes(f.target) << "}";
    between = ",";
  }
  out << "\n],\"losses\":[";
  between = "";
  for (const auto& loss : what.losses) {
    out << between << in_quotes(loss);
    between = ",";
  }
  out << "]}\n";
  return out.good();
}

}  // namespace persona_runtime::bench
