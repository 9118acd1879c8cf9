#include "domain/text/tokenizer.hpp"

#include "domain/text/merge.hpp"
#include "domain/text/pieces.hpp"

#include <string>

namespace persona_runtime {
result<std::shared_ptr<const tokenizer>> tokenizer::load(std::string_view ranks) {
  auto table = rank_table::load(ranks);
  if (!table)
    return table.error();
  return std::shared_ptr<const tokenizer>{std::make_shared<tokenizer>(std::move(*table))};
}

std::size_t tokenizer::count_piece(std::string_view piece,
                                   std::vector<std::uint32_t>& borders) const {
  if (ranks_.find(piece) != rank_table::none)
    return 1;
  merge_piece(ranks_, piece, borders);
  return borders.size() - 1;
}

std::size_t tokenizer::count(std::string_view text) const {
  std::size_t count = 0;
  std::vector<std::uint32_t> borders;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = piece_end(text, begin);
    count += count_piece(text.substr(begin, end - begin), borders);
    begin = end;
  }
  return count;
}

/// A piece ends where its own characters say so; only the last one ends because the text does. So
/// a line feed behind the text can change that one alone.
message_size tokenizer::count_line(std::string_view text) const {
  std::size_t before_last = 0;
  std::size_t last = 0;
  std::size_t last_begin = 0;
  std::vector<std::uint32_t> borders;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = piece_end(text, begin);
    before_last += last;
    last = count_piece(text.substr(begin, end - begin), borders);
    last_begin = begin;
    begin = end;
  }
  const std::string tail = std::string{text.substr(last_begin)} + '\n';
  message_size size;
  size.alone = static_cast<std::uint32_t>(before_last + last);
  size.followed = static_cast<std::uint32_t>(before_last + count(tail));
  return size;
}

std::vector<std::uint32_t> tokenizer::encode(std::string_view text) const {
  std::vector<std::uint32_t> tokens;
  std::vector<std::uint32_t> borders;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = piece_end(text, begin);
    const std::string_view piece = text.substr(begin, end - begin);
    begin = end;
    if (const std::uint32_t rank = ranks_.find(piece); rank != rank_table::none) {
      tokens.push_back(rank);
      continue;
    }
    merge_piece(ranks_, piece, borders);
    for (std::size_t i = 0; i + 1 < borders.size(); ++i)
      tokens.push_back(ranks_.find(piece.substr(borders[i], borders[i + 1] - borders[i])));
  }
  return tokens;
}

message_size size_of(const tokenizer& counter, role from, std::string_view content) {
  std::string line{name_of(from)};
  line.reserve(line.size() + content.size() + 3);
  line.append(": ").append(content);
  return counter.count_line(line);
}

}  // namespace persona_runtime
