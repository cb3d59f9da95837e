-- Who works in the console, how each signs in, and what waits for a second person.

create table staff (
  -- also the pseudonym under which the ledger names them
  id uuid primary key,
  name text not null,
  role text collate "C" not null,
  -- SHA-256 of issuer and subject, for whoever comes from the organisation's sign-in; local accounts have none
  subject text collate "C" unique,
  is_active boolean not null default true,
  created_at timestamptz not null,
  -- scrypt with its parameters; a password alone lets nobody in
  password text,
  totp bytea,
  -- the last time step whose code was used: each counts once
  totp_step bigint not null default 0,
  failures integer not null default 0,
  locked_until timestamptz
);
create unique index staff_local_name on staff (lower(name)) where subject is null;

create table staff_passkey (
  id text collate "C" primary key,
  staff uuid not null references staff on delete cascade,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  created_at timestamptz not null
);
create index staff_passkey_of on staff_passkey (staff);

-- what is handed out once and comes back once: enrolment links, sign-ins under way. Only the SHA-256 of the secret is kept.
create table staff_ticket (
  hash bytea primary key,
  kind text not null,
  staff uuid references staff on delete cascade,
  body jsonb not null,
  until timestamptz not null
);
create index staff_ticket_until on staff_ticket (until);
create index staff_ticket_of on staff_ticket (staff) where staff is not null;

create table staff_session (
  hash bytea primary key,
  staff uuid not null references staff on delete cascade,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  until timestamptz not null
);
create index staff_session_of on staff_session (staff);

-- one person proposes, another decides
create table staff_proposal (
  id uuid primary key,
  action text collate "C" not null,
  target text collate "C" not null,
  body jsonb not null,
  proposed_by uuid not null references staff,
  proposed_at timestamptz not null,
  decided_by uuid references staff,
  decided_at timestamptz,
  outcome text collate "C",
  check (decided_by is null or decided_by <> proposed_by)
);
create unique index staff_proposal_open on staff_proposal (action, target) where decided_at is null;

create table staff_search (
  id uuid primary key,
  staff uuid not null references staff on delete cascade,
  page text not null,
  name text not null,
  query jsonb not null,
  created_at timestamptz not null,
  unique (staff, page, name)
);

-- when somebody last checked the whole ledger in the console
create table ledger_check (
  id uuid primary key,
  by_whom uuid not null references staff,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  size bigint not null,
  broken jsonb
);
create index ledger_check_last on ledger_check (ended_at desc);
