#pragma once
// Strict reading of a JSON body: every field is asked for by name, what nobody asked for is a
// problem, and all problems are told at once.

#include "domain/failure.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::api {

/// The JSON value of a body; an empty body is {}. Fails with malformed_json, also when nested
/// deeper than 64 or with a number that no double can hold.
[[nodiscard]] result<boost::json::value> parse_body(std::string_view body);

/// Problems of one request, as clients see them.
class problem_list {
public:
  /// `where` is "body" or "query". After 20 problems the rest is not listed.
  void add(std::string_view type, std::string_view where, std::string_view name,
           std::string_view message);
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// validation_error whose detail is a JSON list of {type, loc, msg}.
  [[nodiscard]] failure to_failure() const;

private:
  std::vector<std::string> entries_;
};

/// Reads the fields of one object. A field that is null counts as absent where it is optional.
class body_reader {
public:
  /// `body` must outlive the reader. What is no object is a problem and reads as an empty one.
  explicit body_reader(const boost::json::value& body);

  /// Whether the field is there, also as null.
  [[nodiscard]] bool is_given(std::string_view name) const { return object_->contains(name); }
  /// A problem with a field that only the caller can see.
  void refuse(std::string_view type, std::string_view name, std::string_view message) {
    wrong(type, name, message);
  }
  /// A string of min..max bytes.
  std::optional<std::string> text(std::string_view name, std::size_t min, std::size_t max);
  std::string required_text(std::string_view name, std::size_t min, std::size_t max);
  /// An integer of min..max; 5.0 is one, true and "5" are none.
  std::optional<std::uint64_t> integer(std::string_view name, std::uint64_t min, std::uint64_t max);
  /// A finite number over 0, up to max.
  std::optional<double> positive_number(std::string_view name, std::optional<double> max);
  std::optional<bool> boolean(std::string_view name);
  /// An object, as text with its keys sorted; at most max bytes.
  std::optional<std::string> object_text(std::string_view name, std::size_t max);

  /// A list of min..max elements, which the caller reads; null when there is none.
  const boost::json::array* list(std::string_view name, std::size_t min, std::size_t max);

  /// Call last: names the fields that nobody asked for. The failure of all problems, if any.
  [[nodiscard]] std::optional<failure> finish();

private:
  const boost::json::value* find(std::string_view name);
  void wrong(std::string_view type, std::string_view name, std::string_view message);

  const boost::json::object* object_ = nullptr;
  std::vector<std::string_view> asked_;
  problem_list problems_;
};

/// JSON text with the keys of every object sorted, so that equal values give equal texts. The last
/// place of a fraction with more than 15 digits is as inexact as Boost.JSON reads it.
[[nodiscard]] std::string canonical_text(const boost::json::value& value);

}  // namespace persona_runtime::api
