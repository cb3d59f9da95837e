-- The bytes that partners sent and were sent, encrypted, and what was answered. The digest stays when the bytes are pruned.

create table exchange (
  id uuid primary key,
  partner text collate "C" not null,
  direction text not null check (direction in ('in', 'out')),
  channel text not null,
  control_id text collate "C" not null,
  digest text collate "C" not null,
  item uuid,
  referral text collate "C",
  at timestamptz not null,
  keep_until timestamptz not null,
  key_id text not null,
  content bytea,
  answer bytea,
  answered_at timestamptz
);
create unique index exchange_in on exchange (partner, control_id, digest) where direction = 'in';
create index exchange_item on exchange (item, at) where item is not null;
create index exchange_referral on exchange (referral, at) where referral is not null;
create index exchange_control_id on exchange (control_id, at);
create index exchange_to_prune on exchange (keep_until) where content is not null or answer is not null;
