#pragma once
// Reading JSON objects to the letter: every field known, none twice, each of its type. The first
// thing that is wrong is kept. For .cpp files only: it names simdjson.

#include "domain/failure.hpp"

#include <simdjson.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime {

/// One object. Ask for every field, then call close(); the answers mean nothing unless `problem`
/// is still empty then.
class strict_object {
public:
  strict_object(simdjson::dom::element at, std::string path, std::string& problem)
    : path_{std::move(path)}, problem_{problem} {
    if (at.get(object_))
      complain({}, "must be an object");
    else
      is_object_ = true;
  }

  /// The value; none: not there.
  [[nodiscard]] std::optional<simdjson::dom::element> find(std::string_view name) {
    known_.push_back(name);
    simdjson::dom::element found;
    if (!is_object_ || object_.at_key(name).get(found))
      return std::nullopt;
    return found;
  }
  /// The value; its absence is a problem.
  [[nodiscard]] std::optional<simdjson::dom::element> require(std::string_view name) {
    auto found = find(name);
    if (!found)
      complain(name, "is missing");
    return found;
  }

  [[nodiscard]] std::string text(std::string_view name) {
    const auto found = require(name);
    return found ? text_in(name, *found) : std::string{};
  }
  [[nodiscard]] std::string text_or(std::string_view name, std::string_view otherwise) {
    const auto found = find(name);
    return found ? text_in(name, *found) : std::string{otherwise};
  }
  /// None when it is null or missing.
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name) {
    const auto found = find(name);
    if (!found || found->is_null())
      return std::nullopt;
    return text_in(name, *found);
  }
  /// A whole number from 0 on.
  template <class Int>
  [[nodiscard]] Int count(std::string_view name) {
    const auto found = require(name);
    return found ? count_in<Int>(name, *found) : Int{};
  }
  template <class Int>
  [[nodiscard]] Int count_or(std::string_view name, Int otherwise) {
    const auto found = find(name);
    return found ? count_in<Int>(name, *found) : otherwise;
  }
  /// A number from 0 on.
  [[nodiscard]] double amount_or(std::string_view name, double otherwise) {
    const auto found = find(name);
    return found ? amount_in(name, *found) : otherwise;
  }
  [[nodiscard]] double amount(std::string_view name) {
    const auto found = require(name);
    return found ? amount_in(name, *found) : 0.0;
  }
  /// Any finite number.
  [[nodiscard]] double number_or(std::string_view name, double otherwise) {
    auto value = otherwise;
    const auto found = find(name);
    if (found && found->get(value))
      complain(name, "must be a number");
    return value;
  }
  [[nodiscard]] bool flag_or(std::string_view name, bool otherwise) {
    auto value = otherwise;
    const auto found = find(name);
    if (found && found->get(value))
      complain(name, "must be true or false");
    return value;
  }
  /// An array; each(element, path) for every item.
  template <class Each>
  void list(std::string_view name, Each&& each) {
    const auto found = find(name);
    simdjson::dom::array items;
    if (!found)
      return;
    if (found->get(items))
      return complain(name, "must be a list");
    auto index = std::size_t{0};
    for (const auto item : items)
      each(item, path_of(name) + '[' + std::to_string(index++) + ']');
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) {
    auto out = std::vector<std::string>{};
    list(name, [&](simdjson::dom::element item, const std::string&) {
      out.push_back(text_in(name, item));
    });
    return out;
  }
  [[nodiscard]] std::map<std::string, std::string> text_map(std::string_view name) {
    auto out = std::map<std::string, std::string>{};
    each_member(name, [&](std::string_view key, simdjson::dom::element value) {
      out[std::string{key}] = text_in(name, value);
    });
    return out;
  }
  [[nodiscard]] std::map<std::string, double> number_map(std::string_view name) {
    auto out = std::map<std::string, double>{};
    each_member(name, [&](std::string_view key, simdjson::dom::element value) {
      double number = 0;
      if (value.get(number))
        complain(name, "must hold numbers");
      out[std::string{key}] = number;
    });
    return out;
  }

  /// Every field that was not asked for, and every repeated one, is a problem.
  void close() {
    if (!is_object_)
      return;
    auto seen = std::vector<std::string_view>{};
    for (const auto field : object_) {
      if (std::find(known_.begin(), known_.end(), field.key) == known_.end())
        complain(field.key, "is not a known field");
      if (std::find(seen.begin(), seen.end(), field.key) != seen.end())
        complain(field.key, "stands twice");
      seen.push_back(field.key);
    }
  }

  void complain(std::string_view name, std::string_view what) {
    if (problem_.empty())
      problem_ = path_of(name).append(" ").append(what);
  }

private:
  [[nodiscard]] std::string path_of(std::string_view name) const {
    const auto shown = std::string{name.substr(0, 64)};
    if (path_.empty())
      return shown.empty() ? "the text" : shown;
    return shown.empty() ? path_ : path_ + '.' + shown;
  }
  [[nodiscard]] std::string text_in(std::string_view name, simdjson::dom::element at) {
    std::string_view found;
    if (at.get(found))
      complain(name, "must be text");
    return std::string{found};
  }
  template <class Int>
  [[nodiscard]] Int count_in(std::string_view name, simdjson::dom::element at) {
    std::uint64_t found = 0;
    if (at.get(found) || !std::in_range<Int>(found)) {
      complain(name, "must be a whole number from 0 on");
      return {};
    }
    return static_cast<Int>(found);
  }
  [[nodiscard]] double amount_in(std::string_view name, simdjson::dom::element at) {
    double found = 0;
    if (at.get(found) || found < 0)
      complain(name, "must be a number from 0 on");
    return found;
  }
  template <class Each>
  void each_member(std::string_view name, Each&& each) {
    const auto found = find(name);
    simdjson::dom::object members;
    if (!found)
      return;
    if (found->get(members))
      return complain(name, "must be an object");
    for (const auto member : members)
      each(member.key, member.value);
  }

  simdjson::dom::object object_;
  bool is_object_ = false;
  std::string path_;
  std::string& problem_;
  std::vector<std::string_view> known_;
};

/// Parses `json` and lets `read(element, problem)` make a value of it. The failure names what is
/// wrong with the `what` ("message").
template <class T, class Read>
result<T> read_strictly(std::string_view json, std::string_view what, Read&& read) {
  auto parser = simdjson::dom::parser{};
  simdjson::dom::element root;
  auto problem = std::string{};
  auto value = T{};
  if (parser.parse(json.data(), json.size()).get(root))
    problem = "is no JSON";
  else
    value = read(root, problem);
  if (problem.empty())
    return value;
  return failure{errc::validation_error, std::string{what} + ": " + problem.substr(0, 400)};
}

}  // namespace persona_runtime
