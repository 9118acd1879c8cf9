#pragma once
// One JSON object a line in, one a line out: how programs ask `persona explain`.

#include <boost/json/object.hpp>

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string_view>

namespace persona_runtime::cli {

/// Of a line, and of any text that a question makes.
inline constexpr std::size_t question_bytes_max = std::size_t{16} << 20;

/// Answers every line of `in` in the same order; `id` is copied from the question and stands
/// first. A bad line is answered by {"id", "error"} (id null where there was none) and the next
/// one goes on. Lines of at most 16 MiB; every answer is flushed. Returns the exit code, 0.
int answer_lines(std::istream& in, std::ostream& out,
                 const std::function<boost::json::object(const boost::json::object&)>& answer);

/// What answers a question that cannot be answered otherwise.
[[nodiscard]] boost::json::object line_error(std::string_view what);

}  // namespace persona_runtime::cli
