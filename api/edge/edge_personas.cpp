#include "api/edge/edge_backend.hpp"
#include "api/edge/edge_requests.hpp"

#include <utility>

namespace persona_runtime {
namespace {

constexpr auto tries_max = 8;

/// A change on its way: read, made, written, and made again when somebody was faster.
template <class Question>
struct changing {
  Question question;
  std::function<void(const persona_changed&)> done;
  std::function<void(const failure&)> fail;
  int tries = 0;
};

template <class Question>
void make_change(edge_life& edge, const std::shared_ptr<changing<Question>>& c);

template <class Question>
void store_change(edge_life& edge, const std::shared_ptr<changing<Question>>& c,
                  const persona_changed& made) {
  if (!made.is_changed)
    return c->done(made);
  ask<persona_replaced>(
    edge, edge.peers.journal, replace_persona{made.row, made.before, made.memory},
    [&edge, c, made](const persona_replaced& replaced) {
      if (replaced.is_done)
        return c->done(made);
      if (++c->tries < tries_max)
        return make_change(edge, c);
      c->fail({errc::overloaded, "the persona is being changed by many at once; try again"});
    },
    c->fail);
}

template <class Question>
void make_change(edge_life& edge, const std::shared_ptr<changing<Question>>& c) {
  ask<persona_changed>(
    edge, edge.peers.archive, c->question,
    [&edge, c](const persona_changed& made) { store_change(edge, c, made); }, c->fail);
}

template <class Question, class Done>
void begin_change(edge_life& edge, Question question, Done done,
                  std::function<void(const failure&)> fail) {
  auto c = std::make_shared<changing<Question>>();
  c->question = std::move(question);
  c->done = std::move(done);
  c->fail = std::move(fail);
  make_change(edge, c);
}

consent_change change_of(const std::optional<bool>& granted) {
  if (!granted)
    return consent_change::withdrawn;
  return *granted ? consent_change::granted : consent_change::refused;
}

}  // namespace

void edge_backend::create_persona(const caller& who, persona_input document,
                                  on_done<std::string> done) {
  post([who = asker_of(who), document = std::move(document), done](edge_life& edge) {
    const auto on_checked = [&edge, who, done](const persona_checked& checked) {
      ask_for<persona_runtime::done>(
        edge, edge.peers.journal, put_persona{checked.row, checked.memory}, done,
        [&edge, who, done, id = checked.row.id](const persona_runtime::done&) {
          ask_for<json_text>(edge, edge.peers.archive, persona_runtime::show_persona{id, who}, done,
                             [done](const json_text& t) { done(t.text.str()); });
        });
    };
    ask_for<persona_checked>(
      edge, edge.peers.archive,
      check_persona{who, document.yaml, document.avatar_url.value_or(""), {}}, done, on_checked);
  });
}

void edge_backend::show_persona(const caller& who, const persona_id& id,
                                on_done<std::string> done) {
  post([who = asker_of(who), id, done](edge_life& edge) {
    ask_for<json_text>(edge, edge.peers.archive, persona_runtime::show_persona{id, who}, done,
                       [done](const json_text& found) { done(found.text.str()); });
  });
}

void edge_backend::list_personas(const caller& who, std::uint32_t limit, std::uint64_t offset,
                                 on_done<std::string> done) {
  post([who = asker_of(who), limit, offset, done](edge_life& edge) {
    ask_for<json_text>(edge, edge.peers.archive, persona_runtime::list_personas{who, limit, offset},
                       done, [done](const json_text& found) { done(found.text.str()); });
  });
}

void edge_backend::delete_persona(const caller& who, const persona_id& id, on_done<void> done) {
  post([who = asker_of(who), id, done](edge_life& edge) {
    ask_for<persona_runtime::done>(
      edge, edge.peers.archive, find_persona{id, who}, done,
      [&edge, id, done](const persona_runtime::done&) {
        ask_for<persona_runtime::done>(
          edge, edge.peers.journal, remove_persona{id}, done,
          [done](const persona_runtime::done&) { done(result<void>{}); });
      });
  });
}

void edge_backend::list_persona_skills(const caller& who, const persona_id& id,
                                       on_done<std::string> done) {
  post([who = asker_of(who), id, done](edge_life& edge) {
    ask_for<json_text>(edge, edge.peers.archive, show_persona_skills{id, who}, done,
                       [done](const json_text& found) { done(found.text.str()); });
  });
}

void edge_backend::edit_persona(const caller& who, const persona_id& id, persona_edit edit,
                                on_done<std::string> done) {
  auto change = persona_change{edit.yaml.value_or(""),
                               edit.avatar_url.value_or(""),
                               edit.tool.value_or(""),
                               consent_change::none,
                               {},
                               {}};
  if (edit.consent)
    change.consent = change_of(*edit.consent);
  if (edit.skill_consent) {
    change.skill = std::move(edit.skill_consent->skill);
    change.skill_hash = std::move(edit.skill_consent->content_hash);
    change.skill_consent = change_of(edit.skill_consent->granted);
  }
  post([who = asker_of(who), id, change = std::move(change), done](edge_life& edge) {
    const auto show = [&edge, id, who, done](const persona_changed&) {
      ask_for<json_text>(edge, edge.peers.archive, persona_runtime::show_persona{id, who}, done,
                         [done](const json_text& detail) { done(detail.text.str()); });
    };
    begin_change(edge, change_persona{id, who, change}, show,
                 [done](const failure& f) { done(f); });
  });
}

void edge_backend::keep_persona(const persona_id& id, const owner_id& owner, std::string yaml,
                                on_done<kept_persona> done) {
  post([id, owner, yaml = std::move(yaml), done](edge_life& edge) {
    const auto tell = [done](const persona_changed& made) {
      done(!made.is_changed           ? kept_persona::unchanged
           : made.before == instant{} ? kept_persona::added
                                      : kept_persona::updated);
    };
    begin_change(edge, persona_runtime::keep_persona{id, owner, yaml}, tell,
                 [done](const failure& f) { done(f); });
  });
}

}  // namespace persona_runtime
