#pragma once
// The tables of conversations; a step of schema.cpp's list.

namespace persona_runtime::sqlite {

// A turn's appends lie together: the key is the message's number times 2^20 plus the position of
// the append's first record, so that a turn is a range of keys and the newest turns are the
// table's end.
inline constexpr auto conversation_tables = R"sql(
create table conversation (
  number integer primary key autoincrement,
  id text not null unique,
  owner text not null,
  persona text not null,
  origin integer not null,
  created_at integer not null,
  updated_at integer not null,
  messages integer not null,
  folded integer not null,
  preview_role integer,
  preview text not null,
  title text not null,
  summary text not null
);
create index conversation_by_owner on conversation (owner, updated_at);
create index conversation_by_persona on conversation (persona, updated_at);
create index conversation_by_time on conversation (updated_at);

create table message (
  number integer primary key autoincrement,
  conversation integer not null,
  position integer not null,
  id text not null unique,
  role integer not null,
  status integer not null,
  question integer not null,
  created_at integer not null,
  tier text not null,
  channel text not null,
  images text not null,
  content text not null
);
create unique index message_by_position on message (conversation, position);
create index message_running on message (conversation) where status = 0;
create index message_question on message (conversation, position) where question = 1;

create table turn_record (
  key integer primary key,
  life integer not null,
  pos integer not null,
  records integer not null,
  seq integer not null,
  events integer not null,
  body text not null
);

create table turn_log (
  message integer primary key,
  conversation integer not null,
  turn integer not null,
  log text not null
);
create index turn_log_by_turn on turn_log (conversation, turn);
)sql";

}  // namespace persona_runtime::sqlite
