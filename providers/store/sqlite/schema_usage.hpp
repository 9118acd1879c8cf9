#pragma once
// The tables of usage. docs/journal-format.md explains them.

namespace persona_runtime::sqlite {

// The day is the second column, so that one owner's days are read in one piece; personas that were
// deleted keep their totals.
inline constexpr auto usage_tables = R"sql(
create table usage (
  owner text not null,
  day integer not null,
  persona text not null,
  model text not null,
  calls integer not null,
  prompt_tokens integer not null,
  completion_tokens integer not null,
  cents real not null,
  unpriced integer not null,
  estimated integer not null,
  primary key (owner, day, persona, model)
) without rowid;
create index usage_by_day on usage (day);

create table conversation_spent (
  conversation integer primary key,
  cents real not null,
  unpriced integer not null
);
)sql";

}  // namespace persona_runtime::sqlite
