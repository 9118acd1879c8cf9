#include "domain/event/run_event.hpp"

#include <charconv>

namespace persona_runtime {
namespace {

constexpr auto seq_prefix = std::string_view{"{\"seq\":"};
constexpr auto type_prefix = std::string_view{"\"type\":\""};

}  // namespace

std::string_view run_event::type() const {
  const auto text = json();
  const auto begin = text.find(type_prefix) + type_prefix.size();
  return text.substr(begin, text.find('"', begin) - begin);
}

std::vector<run_event> events_of(const shared_text& body, event_seq from) {
  auto found = std::vector<run_event>{};
  const auto all = body.view();
  for (auto begin = std::size_t{0}; begin < all.size();) {
    const auto end = std::min(all.find('\n', begin), all.size());
    const auto line = all.substr(begin, end - begin);
    if (line.starts_with(seq_prefix)) {
      auto seq = event_seq{};
      const auto digits = line.substr(seq_prefix.size());
      std::from_chars(digits.data(), digits.data() + digits.size(), seq.value);
      if (seq >= from)
        found.push_back(
          {seq, body, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(line.size())});
    }
    begin = end + 1;
  }
  return found;
}

}  // namespace persona_runtime
