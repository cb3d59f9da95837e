-- Who wants to hear of changes, and what each was told. An event gets its number when it is about to leave, so that one that may not
-- leave any more makes no gap.

create table subscription (
  id uuid primary key,
  partner text collate "C" not null,
  topic text not null,
  filters jsonb not null,
  channel text not null check (channel in ('rest-hook', 'email')),
  endpoint text not null,
  content text not null check (content in ('empty', 'id-only')),
  heartbeat_seconds integer,
  until timestamptz,
  status text not null check (status in ('requested', 'active', 'error', 'off')),
  error text,
  events bigint not null default 0,
  told_at timestamptz,
  created_at timestamptz not null
);
create index subscription_partner on subscription (partner, topic) where status <> 'off';
create index subscription_heartbeat on subscription (told_at) where status in ('active', 'error') and heartbeat_seconds is not null;

create table subscription_event (
  id uuid primary key,
  subscription uuid not null references subscription on delete cascade,
  patient text collate "C",
  focus text collate "C" not null,
  at timestamptz not null,
  number bigint,
  may_have_arrived boolean not null default false,
  unique (subscription, number)
);
create index subscription_event_of on subscription_event (subscription, number);
