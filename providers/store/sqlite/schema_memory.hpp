#pragma once
// The tables of memory. docs/journal-format.md explains them.

namespace persona_runtime::sqlite {

// `text` is the last column, so that lists and links do not touch the pages that it spills to.
// Words are kept in a table of their own under "PLACEzWORD", where a place is a scope's number
// times 4 plus the store: a search then reads what the place holds and nothing of others, whoever
// they are.
inline constexpr auto memory_tables = R"sql(
create table memory_scope (
  id integer primary key autoincrement,
  persona text not null,
  owner text not null,
  user text not null
);
create unique index memory_scope_by_name on memory_scope (persona, owner, user);

create table memory_chunk (
  row integer primary key autoincrement,
  place integer not null,
  chain integer not null,
  version integer not null,
  state integer not null,
  id text not null,
  logical_id text,
  superseded_by text,
  source integer not null,
  written_at integer not null,
  written_by text,
  reason text,
  from_document integer not null,
  key text not null,
  created_at integer not null,
  importance real not null,
  hash text not null,
  metadata text not null,
  text text not null
);
create unique index memory_chunk_by_id on memory_chunk (place, id);
create unique index memory_chunk_by_chain on memory_chunk (place, logical_id, version);
create index memory_head on memory_chunk (place, created_at) where state = 1;
create index memory_documented on memory_chunk (place, chain) where from_document = 1;

create virtual table memory_word using fts5(words, tokenize = 'ascii');

create table memory_embedder (
  id integer primary key,
  name text not null unique
);
create table memory_vector (
  row integer primary key,
  embedder integer not null,
  vector blob not null
);
create table memory_waiting (
  row integer primary key
);

create table memory_audit (
  row integer primary key autoincrement,
  scope integer not null,
  at integer not null,
  action integer not null,
  source integer not null,
  store integer not null,
  event text not null
);
create index memory_audit_by_scope on memory_audit (scope, row);
)sql";

}  // namespace persona_runtime::sqlite
