#pragma once
// Reading JSON that we wrote: whatever is missing or of another type reads as its default, and the
// reader remembers that it happened. For .cpp files of this folder only: it names simdjson.

#include "domain/run/message.hpp"

#include <simdjson.h>

#include <string>
#include <utility>

namespace persona_runtime {

class record_reader {
public:
  explicit record_reader(simdjson::dom::element at, bool& ok) : at_{at}, ok_{ok} {}

  [[nodiscard]] bool has(const char* name) const {
    simdjson::dom::element found;
    return !at_[name].get(found);
  }
  [[nodiscard]] record_reader operator[](const char* name) const {
    simdjson::dom::element found = at_;
    if (at_[name].get(found))
      ok_ = false;
    return record_reader{found, ok_};
  }
  [[nodiscard]] std::string text(const char* name) const {
    std::string_view found;
    if (at_[name].get(found))
      ok_ = false;
    return std::string{found};
  }
  template <class Int>
  [[nodiscard]] Int number(const char* name) const {
    std::int64_t found = 0;
    if (at_[name].get(found) || !std::in_range<Int>(found)) {
      ok_ = false;
      return {};
    }
    return static_cast<Int>(found);
  }
  [[nodiscard]] double real(const char* name) const {
    double found = 0;
    if (at_[name].get(found))
      ok_ = false;
    return found;
  }
  [[nodiscard]] bool flag(const char* name) const {
    bool found = false;
    if (at_[name].get(found))
      ok_ = false;
    return found;
  }
  /// None when the field is null or missing.
  template <class Number>
  [[nodiscard]] std::optional<Number> optional_number(const char* name) const {
    if constexpr (std::is_floating_point_v<Number>) {
      double found = 0;
      return at_[name].get(found) ? std::nullopt : std::optional<Number>{found};
    } else {
      std::int64_t found = 0;
      if (at_[name].get(found))
        return std::nullopt;
      if (!std::in_range<Number>(found))
        ok_ = false;
      return static_cast<Number>(found);
    }
  }
  [[nodiscard]] std::string optional_text(const char* name) const {
    std::string_view found;
    return at_[name].get(found) ? std::string{} : std::string{found};
  }
  /// The JSON under `name`, without blanks; empty when it is missing or null.
  [[nodiscard]] std::string json(const char* name) const {
    simdjson::dom::element found;
    if (at_[name].get(found) || found.is_null())
      return {};
    return simdjson::minify(found);
  }
  /// Likewise, and there must be an object.
  [[nodiscard]] std::string object(const char* name) const {
    simdjson::dom::object found;
    if (at_[name].get(found)) {
      ok_ = false;
      return "{}";
    }
    return simdjson::minify(found);
  }
  [[nodiscard]] message_size size(const char* name) const {
    std::uint64_t alone = 0;
    std::uint64_t followed = 0;
    if (at_[name].at(0).get(alone) || at_[name].at(1).get(followed))
      ok_ = false;
    return {static_cast<std::uint32_t>(alone), static_cast<std::uint32_t>(followed)};
  }
  template <class Each>
  void list(const char* name, Each&& each) const {
    simdjson::dom::array items;
    if (at_[name].get(items)) {
      ok_ = false;
      return;
    }
    for (auto item : items)
      each(item);
  }
  [[nodiscard]] std::vector<std::string> texts(const char* name) const {
    auto out = std::vector<std::string>{};
    list(name, [&](simdjson::dom::element item) {
      std::string_view text;
      if (item.get(text))
        ok_ = false;
      out.emplace_back(text);
    });
    return out;
  }
  /// Calls `each` with every member of the object under `name`; its values must be texts.
  template <class Each>
  void text_members(const char* name, Each&& each) const {
    simdjson::dom::object members;
    if (at_[name].get(members)) {
      ok_ = false;
      return;
    }
    for (auto member : members) {
      std::string_view value;
      if (member.value.get(value))
        ok_ = false;
      each(member.key, value);
    }
  }
  [[nodiscard]] simdjson::dom::element element() const { return at_; }
  [[nodiscard]] bool& ok() const { return ok_; }

private:
  simdjson::dom::element at_;
  bool& ok_;
};

[[nodiscard]] tool_call read_call(const record_reader& in);
[[nodiscard]] std::vector<tool_call> read_calls(const record_reader& in, const char* name);
/// What old journals lack.
[[nodiscard]] sealed_thinking read_thinking(const record_reader& in);
[[nodiscard]] artifact read_artifact(const record_reader& in);
[[nodiscard]] tool_result read_result(const record_reader& in);

}  // namespace persona_runtime
