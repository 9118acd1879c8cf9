#include "domain/memory/policy.hpp"

#include "domain/text/utf8.hpp"

#include <charconv>
#include <cmath>

namespace persona_runtime {
namespace {

constexpr auto confidence_min = 0.8;

using rules = std::array<memory_rule, 3>;  // system, user, persona_self
constexpr auto policies =
  std::array<rules, 4>{rules{memory_rule::reject, memory_rule::reject, memory_rule::reject},
                       rules{memory_rule::force_only, memory_rule::accept, memory_rule::force_only},
                       rules{memory_rule::force_only, memory_rule::accept, memory_rule::force_only},
                       rules{memory_rule::accept, memory_rule::accept, memory_rule::accept}};

const std::string* entry(const memory_metadata& metadata, const std::string& name) {
  const auto i = metadata.find(name);
  return i == metadata.end() ? nullptr : &i->second;
}

/// What is wrong with the confidence of one chunk; empty: nothing.
std::string confidence_fault(const memory_metadata& metadata) {
  const auto* text = entry(metadata, "confidence");
  if (text == nullptr)
    return "each chunk needs confidence metadata";
  auto value = 0.0;
  const auto* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || !std::isfinite(value))
    return "confidence '" + text->substr(0, 32) + "' is not a number";
  if (value < confidence_min)
    return "confidence " + text->substr(0, 32) + " is below threshold 0.8";
  return {};
}

std::string epistemic_fault(const memory_metadata& metadata) {
  const auto* text = entry(metadata, "epistemic");
  return text == nullptr || stripped(*text).empty() ? "each chunk needs an epistemic tag" : "";
}

/// What the persona's own writes have to bring besides force.
std::string self_fault(memory_store_kind kind, const memory_author& author,
                       const std::vector<const memory_metadata*>& written) {
  if (!author.reason || stripped(*author.reason).empty())
    return "a reason is needed";
  for (const auto* metadata : written) {
    auto fault = kind == memory_store_kind::self_facts ? confidence_fault(*metadata)
                                                       : epistemic_fault(*metadata);
    if (!fault.empty())
      return fault;
  }
  return {};
}

}  // namespace

memory_rule memory_rule_for(memory_store_kind kind, memory_source source) {
  return policies.at(static_cast<std::size_t>(kind)).at(static_cast<std::size_t>(source));
}

bool is_versioned(memory_store_kind kind) {
  return kind != memory_store_kind::identity;
}

std::optional<memory_refusal>
judge_memory_write(memory_store_kind kind, const memory_author& author,
                   const std::vector<const memory_metadata*>& written) {
  const auto rule = memory_rule_for(kind, author.source);
  if (rule == memory_rule::accept)
    return std::nullopt;
  const auto self = author.source == memory_source::persona_self;
  const auto refuse = [&](const std::string& why) {
    return memory_refusal{self ? memory_refusal::why::self_forbidden
                               : memory_refusal::why::forbidden,
                          std::string{name_of(author.source)} + " may not write "
                            + std::string{name_of(kind)} + ": " + why};
  };
  if (rule == memory_rule::reject)
    return refuse("the store changes with the persona's document only");
  if (!author.force)
    return refuse("it must be asked for with force=True");
  if (!self)
    return std::nullopt;
  const auto fault = self_fault(kind, author, written);
  return fault.empty() ? std::nullopt : std::optional{refuse(fault)};
}

}  // namespace persona_runtime
