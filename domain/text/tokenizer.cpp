#include "domain/text/tokenizer.hpp"

#include "domain/text/merge.hpp"
#include "domain/text/pieces.hpp"

#include <string>

namespace persona_runtime {
namespace {

/// Calls `whole(rank)` for a piece that is one token and `split(piece)` for every other one.
template <class Whole, class Split>
void for_each_piece(const rank_table& ranks, std::string_view text, Whole whole, Split split) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = piece_end(text, begin);
    const std::string_view piece = text.substr(begin, end - begin);
    const std::uint32_t rank = ranks.find(piece);
    if (rank != rank_table::none)
      whole(rank);
    else
      split(piece);
    begin = end;
  }
}

}  // namespace

result<std::shared_ptr<const tokenizer>> tokenizer::load(std::string_view ranks) {
  auto table = rank_table::load(ranks);
  if (!table)
    return table.error();
  return std::shared_ptr<const tokenizer>{std::make_shared<tokenizer>(std::move(*table))};
}

std::size_t tokenizer::count(std::string_view text) const {
  std::size_t count = 0;
  std::vector<std::uint32_t> borders;
  for_each_piece(
    ranks_, text, [&count](std::uint32_t) { ++count; },
    [&](std::string_view piece) {
      merge_piece(ranks_, piece, borders);
      count += borders.size() - 1;
    });
  return count;
}

std::vector<std::uint32_t> tokenizer::encode(std::string_view text) const {
  std::vector<std::uint32_t> tokens;
  std::vector<std::uint32_t> borders;
  for_each_piece(
    ranks_, text, [&tokens](std::uint32_t rank) { tokens.push_back(rank); },
    [&](std::string_view piece) {
      merge_piece(ranks_, piece, borders);
      for (std::size_t i = 0; i + 1 < borders.size(); ++i)
        tokens.push_back(ranks_.find(piece.substr(borders[i], borders[i + 1] - borders[i])));
    });
  return tokens;
}

message_size size_of(const tokenizer& counter, role from, std::string_view content) {
  std::string line{name_of(from)};
  line.reserve(line.size() + content.size() + 3);
  line.append(": ").append(content);
  message_size size;
  size.alone = static_cast<std::uint32_t>(counter.count(line));
  line.push_back('\n');
  size.followed = static_cast<std::uint32_t>(counter.count(line));
  return size;
}

}  // namespace persona_runtime
