#pragma once
// What is wrong with a document that somebody wrote, said so that they can mend it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

struct problem {
  std::uint32_t line = 0;  // from 1; 0: the file as a whole
  std::string path;        // "worldview[2].epistemic"; empty: the document as a whole
  std::string text;        // what is wrong and what to do; English, one line
  friend bool operator==(const problem&, const problem&) = default;
};

/// "FILE:LINE: path: text"; parts that are empty are left out.
[[nodiscard]] std::string describe(const problem& p, std::string_view file);

/// What a document holds at `text`, for use in a message: in quotes, on one line, at most 60
/// bytes (cut between characters).
[[nodiscard]] std::string in_quotes(std::string_view text);

/// Collects problems. A hostile document can have as many as it has lines, so the list is bounded.
class problem_list {
public:
  static constexpr std::size_t kept_max = 100;

  void add(std::uint32_t line, std::string path, std::string text);
  [[nodiscard]] bool empty() const { return kept_.empty(); }
  [[nodiscard]] bool full() const { return kept_.size() >= kept_max; }

  /// By line; at most kept_max and one more that counts the rest. Leaves the list empty.
  [[nodiscard]] std::vector<problem> take();

private:
  std::vector<problem> kept_;
  std::size_t left_out_ = 0;
};

}  // namespace persona_runtime
