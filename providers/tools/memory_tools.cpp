#include "providers/tools/memory_tools.hpp"

#include "domain/tool/told_fact.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

using shared_parts = std::shared_ptr<const memory_tool_parts>;

/// One call on its way through memory.
struct asked_change {
  shared_parts parts;
  memory_scope talk;
  told_fact told;
  tool_body::on_done done;
};
using shared_change = std::shared_ptr<asked_change>;

bool facts_are_missing(const recalled_memory& known) {
  return std::ranges::find(known.missing, memory_store_kind::self_facts) != known.missing.end();
}

tool_result unavailable(std::string_view tool) {
  return refused_result(tool, "memory cannot be reached just now; nothing was changed");
}

void carry_out(const shared_change& asked, std::string_view tool, memory_request request,
               std::function<tool_result(const memory_outcome&)> say) {
  asked->parts->memory->change(
    std::move(request), [asked, tool, say = std::move(say)](result<memory_outcome> made) {
      if (!made)
        return asked->done(refused_result(tool, made.error().detail));
      if (made->refusal)
        return asked->done(refused_result(tool, to_failure(*made->refusal).detail));
      asked->done(say(*made));
    });
}

std::string chain_of(const memory_outcome& made, const told_fact& told) {
  return made.chunk_ids.empty() ? told.key : made.chunk_ids.front();
}

void keep(const shared_change& asked, const recalled_memory& known) {
  if (facts_are_missing(known))
    return asked->done(unavailable(remember_name));
  if (const auto* kept = already_kept(known, asked->told))
    return asked->done(known_result(*kept));
  carry_out(asked, remember_name,
            keep_request(asked->talk, asked->told, asked->parts->new_ulid(), asked->parts->now()),
            [asked](const memory_outcome& made) {
              return kept_result(asked->told, chain_of(made, asked->told));
            });
}

void let_go(const shared_change& asked, const recalled_memory& known) {
  if (facts_are_missing(known))
    return asked->done(unavailable(forget_name));
  const auto* meant = meant_fact(known, asked->told);
  if (meant == nullptr)
    return asked->done(unclear_result(known, asked->told));
  carry_out(asked, forget_name,
            let_go_request(asked->talk, *meant, asked->told, asked->parts->now()),
            [fact = *meant](const memory_outcome&) { return let_go_result(fact); });
}

using next_step = void (*)(const shared_change&, const recalled_memory&);

/// What memory was asked cannot be taken back; nobody hears of the answer.
class uncancellable final : public pending_call {
public:
  void cancel() noexcept override {}
};

class memory_tool final : public tool_body {
public:
  memory_tool(tool_definition definition, shared_parts parts, next_step next)
    : definition_{std::move(definition)}, parts_{std::move(parts)}, next_{next} {}

  const tool_definition& definition() const override { return definition_; }

  std::unique_ptr<pending_call> start(tool_request request, on_done done) override {
    auto asked = std::make_shared<asked_change>(
      asked_change{parts_, talk_scope(request.persona, request.owner, request.user),
                   told_fact_of(request.call.arguments), std::move(done)});
    if (asked->told.fact.empty()) {
      asked->done(refused_result(definition_.name, "fact is blank"));
      return std::make_unique<uncancellable>();
    }
    auto what = alike_facts(asked->talk, asked->told);
    parts_->memory->recall(
      std::move(what), [asked, next = next_](const recalled_memory& known) { next(asked, known); });
    return std::make_unique<uncancellable>();
  }

private:
  tool_definition definition_;
  shared_parts parts_;
  next_step next_;
};

}  // namespace

std::vector<std::shared_ptr<tool_body>> make_memory_tools(memory_tool_parts parts) {
  const auto shared = std::make_shared<const memory_tool_parts>(std::move(parts));
  return {std::make_shared<memory_tool>(remember_definition(), shared, keep),
          std::make_shared<memory_tool>(forget_definition(), shared, let_go)};
}

}  // namespace persona_runtime
