#include "load/simulated_reply.hpp"

#include "domain/text/pieces.hpp"
#include "domain/text/sha256.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <limits>

namespace persona_runtime {
namespace {

constexpr std::size_t said_bytes_max = 64u << 10;
constexpr std::size_t repeated_bytes_max = 1u << 20;

/// Says `text` once, or until there are `wanted` tokens.
void fill(simulated_reply& reply, std::string_view text, std::size_t wanted) {
  const auto once = std::string{text} + (wanted > 0 ? " " : "");
  auto at = std::size_t{0};
  do {
    reply.content.append(once);
    for (; at < reply.content.size() && (wanted == 0 || reply.ends.size() < wanted);) {
      at = piece_end(reply.content, at);
      reply.ends.push_back(static_cast<std::uint32_t>(at));
    }
  } while (reply.ends.size() < wanted && reply.content.size() + once.size() <= repeated_bytes_max);
  reply.content.resize(at);
}

void cut(simulated_reply& reply, std::uint64_t tokens_max) {
  if (reply.ends.size() <= tokens_max)
    return;
  reply.is_cut = true;
  reply.ends.resize(tokens_max);
  reply.content.resize(reply.ends.empty() ? 0 : reply.ends.back());
}

std::string_view words_of(const simulated_request& request, const simulation& how) {
  if (request.wishes.text)
    return *request.wishes.text;
  if (!how.text.empty())
    return how.text;
  return request.last_text.empty() ? std::string_view{"Nothing was said."} : request.last_text;
}

}  // namespace

std::string_view simulated_reply::token(std::size_t i) const {
  const auto begin = i == 0 ? 0 : ends[i - 1];
  return std::string_view{content}.substr(begin, ends[i] - begin);
}

simulated_reply plan_reply(const simulated_request& request, const simulation& how,
                           std::string_view body) {
  const auto& wishes = request.wishes;
  auto reply = simulated_reply{};
  reply.id = sha256_text(body).substr(0, 24);
  reply.model = request.model;
  reply.prompt_tokens = (request.text_bytes + 3) / 4;
  reply.first_token = wishes.first_token.value_or(how.first_token);
  reply.between_tokens = wishes.between_tokens.value_or(how.between_tokens);
  if (request.call && request.results < wishes.tool_rounds.value_or(how.tool_rounds)) {
    reply.tool = request.call->tool;
    fill(reply, request.call->arguments, 0);
  } else {
    const auto words = words_of(request, how);
    fill(reply, words.substr(0, border_at_or_before(words, said_bytes_max)),
         wishes.tokens.value_or(how.tokens));
  }
  cut(reply, request.tokens_max.value_or(std::numeric_limits<std::uint64_t>::max()));
  return reply;
}

}  // namespace persona_runtime
