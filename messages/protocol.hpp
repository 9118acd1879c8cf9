#pragma once
// The only file that spells the syntax of CAF 0.17: how an interface is written, how a value is
// inspected, how something urgent is sent. A later CAF changes this file and no other.

#include "domain/text/shared_text.hpp"

#include <caf/duration.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <variant>

namespace persona_runtime {

template <class... Signatures>
using interface = caf::typed_actor<Signatures...>;
template <class In>
using takes = caf::reacts_to<In>;
template <class Out, class In>
using answers = typename caf::replies_to<In>::template with<Out>;

/// Sends ahead of everything normal. Cancels *and* the calls that they cancel go this way: a
/// normal call would be overtaken by its own cancel and then run for nobody.
template <class Self, class Handle, class Message>
void send_urgent(Self* self, const Handle& to, Message msg) {
  self->template send<caf::message_priority::high>(to, std::move(msg));
}

/// Asks ahead of everything normal; use it for what send_urgent is for. CAF 0.17.6 forgets the
/// priority of a request whose time limit is a std::chrono duration: it would go as a normal one,
/// and its answer would be lost behind a delegation at high priority.
template <class Self, class Handle, class Message>
auto request_urgent(Self* self, const Handle& to, std::chrono::milliseconds limit, Message msg) {
  return self->template request<caf::message_priority::high>(to, caf::duration{limit},
                                                             std::move(msg));
}

/// Base of what must never travel: the states of actors, which CAF would otherwise inspect.
struct stays_here {};

template <class T>
concept travels = std::is_class_v<T> && std::is_aggregate_v<T> && !std::is_base_of_v<stays_here, T>;

struct any_field {
  template <class T>
  operator T() const;
};

/// What CAF does not know how to carry goes as one of these. They live for one inspection.
template <class T>
struct optional_part {
  std::optional<T>& value;
};

template <class T>
T& part(T& field) {
  return field;
}
template <class T>
optional_part<T> part(std::optional<T>& field) {
  return {field};
}

/// Every struct of ours is inspected field by field and needs no code of its own: a field that is
/// added later cannot be forgotten. Up to twelve fields; group them when there are more.
template <class Inspector, travels T>
typename Inspector::result_type inspect(Inspector& f, T& x);

template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, optional_part<T>& x) {
  auto present = x.value.has_value();
  if constexpr (Inspector::reads_state) {
    return present ? f(present, *x.value) : f(present);
  } else {
    if (auto failed = f(present))
      return failed;
    x.value.reset();
    return present ? f(part(x.value.emplace())) : f();
  }
}

/// Shared values travel as what they hold; a null one as a default one.
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, std::shared_ptr<const T>& x) {
  if constexpr (Inspector::reads_state) {
    static const auto none = T{};
    return f(const_cast<T&>(x ? *x : none));
  } else {
    auto loaded = std::make_shared<T>();
    auto& target = *loaded;
    x = std::move(loaded);
    return f(target);
  }
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shared_text& x) {
  if constexpr (Inspector::reads_state) {
    auto text = x.str();
    return f(text);
  } else {
    auto text = std::string{};
    if (auto failed = f(text))
      return failed;
    x = shared_text{std::move(text)};
    return f();
  }
}

/// A variant travels as its index and its value. An index that is out of range is an error.
template <class Inspector, class... Ts>
typename Inspector::result_type inspect(Inspector& f, std::variant<Ts...>& x) {
  auto index = static_cast<std::uint8_t>(x.index());
  if constexpr (Inspector::reads_state) {
    return std::visit([&](auto& value) { return f(index, value); }, x);
  } else {
    if (auto failed = f(index))
      return failed;
    using loader = typename Inspector::result_type (*)(Inspector&, std::variant<Ts...>&);
    static constexpr loader loaders[] = {
      [](Inspector& g, std::variant<Ts...>& to) { return g(to.template emplace<Ts>()); }...};
    return index < sizeof...(Ts) ? loaders[index](f, x)
                                 : caf::make_error(caf::sec::invalid_argument);
  }
}

/// For structs with std::optional fields, which cannot be counted: a wrong number here does not
/// compile. 0: count.
template <class T>
inline constexpr std::size_t declared_fields = 0;

template <class T>
constexpr std::size_t field_count() {
  constexpr auto any = any_field{};
  if constexpr (declared_fields<T> != 0)
    return declared_fields<T>;
  else if constexpr (std::is_empty_v<T>)
    return 0;
  else if constexpr (requires {
                       T{any, any, any, any, any, any, any, any, any, any, any, any, any};
                     })
    return 13;
  else if constexpr (requires { T{any, any, any, any, any, any, any, any, any, any, any, any}; })
    return 12;
  else if constexpr (requires { T{any, any, any, any, any, any, any, any, any, any, any}; })
    return 11;
  else if constexpr (requires { T{any, any, any, any, any, any, any, any, any, any}; })
    return 10;
  else if constexpr (requires { T{any, any, any, any, any, any, any, any, any}; })
    return 9;
  else if constexpr (requires { T{any, any, any, any, any, any, any, any}; })
    return 8;
  else if constexpr (requires { T{any, any, any, any, any, any, any}; })
    return 7;
  else if constexpr (requires { T{any, any, any, any, any, any}; })
    return 6;
  else if constexpr (requires { T{any, any, any, any, any}; })
    return 5;
  else if constexpr (requires { T{any, any, any, any}; })
    return 4;
  else if constexpr (requires { T{any, any, any}; })
    return 3;
  else if constexpr (requires { T{any, any}; })
    return 2;
  else
    return 1;
}

template <class Inspector, class... Fields>
typename Inspector::result_type inspect_fields(Inspector& f, Fields&... fields) {
  return f(part(fields)...);
}

template <class Inspector, travels T>
typename Inspector::result_type inspect(Inspector& f, T& x) {
  constexpr auto count = field_count<T>();
  static_assert(count <= 12, "a message type has at most twelve fields");
  if constexpr (count == 0) {
    return f();
  } else if constexpr (count == 1) {
    auto& [a] = x;
    return inspect_fields(f, a);
  } else if constexpr (count == 2) {
    auto& [a, b] = x;
    return inspect_fields(f, a, b);
  } else if constexpr (count == 3) {
    auto& [a, b, c] = x;
    return inspect_fields(f, a, b, c);
  } else if constexpr (count == 4) {
    auto& [a, b, c, d] = x;
    return inspect_fields(f, a, b, c, d);
  } else if constexpr (count == 5) {
    auto& [a, b, c, d, e] = x;
    return inspect_fields(f, a, b, c, d, e);
  } else if constexpr (count == 6) {
    auto& [a, b, c, d, e, g] = x;
    return inspect_fields(f, a, b, c, d, e, g);
  } else if constexpr (count == 7) {
    auto& [a, b, c, d, e, g, h] = x;
    return inspect_fields(f, a, b, c, d, e, g, h);
  } else if constexpr (count == 8) {
    auto& [a, b, c, d, e, g, h, i] = x;
    return inspect_fields(f, a, b, c, d, e, g, h, i);
  } else if constexpr (count == 9) {
    auto& [a, b, c, d, e, g, h, i, j] = x;
    return inspect_fields(f, a, b, c, d, e, g, h, i, j);
  } else if constexpr (count == 10) {
    auto& [a, b, c, d, e, g, h, i, j, k] = x;
    return inspect_fields(f, a, b, c, d, e, g, h, i, j, k);
  } else if constexpr (count == 11) {
    auto& [a, b, c, d, e, g, h, i, j, k, l] = x;
    return inspect_fields(f, a, b, c, d, e, g, h, i, j, k, l);
  } else {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m] = x;
    return inspect_fields(f, a, b, c, d, e, g, h, i, j, k, l, m);
  }
}

}  // namespace persona_runtime
