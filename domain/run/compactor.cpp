#include "domain/run/compactor.hpp"

#include <algorithm>
#include <cmath>

namespace persona_runtime {

bool should_fold(std::size_t count, std::uint64_t tokens, std::uint64_t budget, std::size_t floor) {
  if (budget == 0 || count <= floor + fold_tail)
    return false;
  const auto threshold = std::floor(static_cast<double>(budget) * 0.8);
  return static_cast<double>(tokens) > threshold;
}

fold_range middle_of(const message_list& context, std::size_t floor) {
  if (context.size() <= floor + fold_tail)
    return {floor, floor};
  auto last = context.size() - fold_tail;
  while (last > floor && context[last]->from == role::tool)
    --last;
  return {floor, last};
}

std::string render(const message_list& context, std::size_t first, std::size_t last) {
  auto out = std::string{};
  for (auto i = first; i < last; ++i) {
    if (i != first)
      out += '\n';
    out.append(name_of(context[i]->from)).append(": ").append(context[i]->content.view());
  }
  return out;
}

}  // namespace persona_runtime
