#include "domain/yaml/problem.hpp"

#include "domain/text/utf8.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {

std::string describe(const problem& p, std::string_view file) {
  std::string out{file};
  if (p.line > 0)
    out += ':' + std::to_string(p.line);
  for (std::string_view part : {std::string_view{p.path}, std::string_view{p.text}}) {
    if (part.empty())
      continue;
    if (!out.empty())
      out += ": ";
    out += part;
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t bytes_max = 60;
  bool cut = text.size() > bytes_max;
  if (cut)
    text = text.substr(0, border_at_or_before(text, bytes_max));
  std::string out = "\"";
  for (char c : text)
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  out += cut ? "…\"" : "\"";
  return out;
}

void problem_list::add(std::uint32_t line, std::string path, std::string text) {
  if (full()) {
    ++left_out_;
    return;
  }
  kept_.push_back({line, std::move(path), std::move(text)});
}

std::vector<problem> problem_list::take() {
  auto out = std::exchange(kept_, {});
  std::stable_sort(out.begin(), out.end(),
                   [](const problem& a, const problem& b) { return a.line < b.line; });
  if (auto more = std::exchange(left_out_, 0); more > 0)
    out.push_back({0, "", "and " + std::to_string(more) + " more; mend the first ones"});
  return out;
}

}  // namespace persona_runtime
