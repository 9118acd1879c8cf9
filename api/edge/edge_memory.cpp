#include "api/edge/edge_memory.hpp"

#include "api/edge/edge_requests.hpp"
#include "domain/text/json_text.hpp"

#include <utility>

namespace persona_runtime {
namespace {

constexpr auto looks_max = 8;  // about a second, at a thousand places each

/// The answer of the archive is the answer.
auto asking(auto msg, backend::on_done<std::string> done) {
  return [msg = std::move(msg), done = std::move(done)](edge_life& edge) {
    ask_for<json_text>(edge, edge.peers.archive, msg, done,
                       [done](const json_text& found) { done(found.text.str()); });
  };
}

struct rolling_back {
  asker who;
  memory_rollback what;
  instant now;
  backend::on_done<std::optional<std::string>> done;
};
using rolling_back_ptr = std::shared_ptr<const rolling_back>;

void write_again(edge_life& edge, const rolling_back_ptr& r, const memory_place& place) {
  const auto on_written = [r](const memory_written& written) {
    const auto& outcome = written.outcomes.front();
    if (outcome.refusal)
      return r->done(to_failure(*outcome.refusal));
    auto out = std::string{};
    auto o = json_writer{out};
    o.text("id", outcome.chunk_ids.empty() ? "" : outcome.chunk_ids.front()).close();
    r->done(std::optional{std::move(out)});
  };
  auto request = rollback_of(place, r->what.name, r->what.to_version, r->who.owner.value, r->now);
  ask_for<memory_written>(edge, edge.peers.journal, change_memory{{std::move(request)}}, r->done,
                          on_written);
}

void look_for(edge_life& edge, const rolling_back_ptr& r, const memory_position& from, int looks) {
  const auto on_found = [&edge, r, looks](const memory_found& found) {
    if (!found.places.empty())
      return write_again(edge, r, found.places.front());
    if (!found.goes_on)
      return r->done(std::optional<std::string>{});
    if (looks < looks_max)
      return look_for(edge, r, found.next, looks + 1);
    r->done(failure{errc::validation_error,
                    "this persona has talked with too many to look through; name owner and user"});
  };
  ask_for<memory_found>(edge, edge.peers.archive,
                        find_memory{r->who, r->what.filter, r->what.name, from}, r->done, on_found);
}

struct purging {
  std::vector<memory_purge> left;  // the last one first
  memory_purged sum;
  backend::on_done<std::string> done;
};

/// An admin's purge is what it says. Anybody else's is of his own talks and, when it names nobody,
/// of the author's part, which is his as well: he sees no other personas.
std::vector<memory_purge> purges_of(const asker& who, const memory_filter& what, instant now) {
  auto one = purge_of(what, who.owner.value, now);
  if (who.admin)
    return {one};
  one.owner = who.owner;
  if (!what.owner.empty() || one.user)
    return {one};
  auto of_author = one;
  of_author.owner = owner_id{};
  return {one, of_author};  // taken from the back: the event of each stays
}

void purge_next(edge_life& edge, const std::shared_ptr<purging>& p) {
  if (p->left.empty()) {
    auto out = std::string{};
    auto o = json_writer{out};
    o.number("chunks", p->sum.chunks).number("scopes", p->sum.scopes).close();
    return p->done(std::move(out));
  }
  auto next = std::move(p->left.back());
  p->left.pop_back();
  ask_for<memory_purged>(edge, edge.peers.journal, persona_runtime::purge_memory{std::move(next)},
                         p->done, [&edge, p](const memory_purged& done) {
                           p->sum.chunks += done.chunks;
                           p->sum.scopes += done.scopes;
                           purge_next(edge, p);
                         });
}

}  // namespace

edge_memory::edge_memory(edge_conversations::poster post, std::function<instant()> now)
  : post_{std::move(post)}, now_{std::move(now)} {
}

void edge_memory::list_memory(const caller& who, const memory_query& query,
                              on_done<std::string> done) {
  post_(asking(persona_runtime::list_memory{asker_of(who), query.filter, query.name,
                                            query.with_past, query.from, query.limit},
               std::move(done)));
}

void edge_memory::roll_back_memory(const caller& who, const memory_rollback& what,
                                   on_done<std::optional<std::string>> done) {
  const auto r = std::make_shared<const rolling_back>(
    rolling_back{asker_of(who), what, now_(), std::move(done)});
  post_([r](edge_life& edge) { look_for(edge, r, {}, 1); });
}

void edge_memory::purge_memory(const caller& who, const memory_filter& what,
                               on_done<std::string> done) {
  const auto asks = asker_of(who);
  auto p = std::make_shared<purging>(purging{purges_of(asks, what, now_()), {}, std::move(done)});
  post_([p, asks, persona = what.persona](edge_life& edge) {
    ask_for<persona_runtime::done>(
      edge, edge.peers.archive, admit_memory{asks, persona}, p->done,
      [&edge, p](const persona_runtime::done&) { purge_next(edge, p); });
  });
}

void edge_memory::list_audit(const caller& who, const audit_query& query,
                             on_done<std::string> done) {
  post_(asking(persona_runtime::list_audit{asker_of(who), query.persona, query.filter, query.limit,
                                           query.offset},
               std::move(done)));
}

}  // namespace persona_runtime
