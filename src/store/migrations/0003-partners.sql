-- Partners and legal bases are data with versions; tokens that count once; what came in, as it came.

create table partner (
  id text collate "C" not null,
  version integer not null check (version > 0),
  is_current boolean not null,
  is_active boolean not null,
  saved_at timestamptz not null,
  body jsonb not null,
  primary key (id, version)
);
create unique index partner_current on partner (id) where is_current;

create table legal_basis (
  patient text collate "C" not null,
  id text collate "C" not null,
  version integer not null check (version > 0),
  is_current boolean not null,
  kind text not null,
  saved_at timestamptz not null,
  fields jsonb not null,
  primary key (patient, id, version)
);

create table used_once (
  kind text collate "C" not null,
  key text collate "C" not null,
  until timestamptz not null,
  primary key (kind, key)
);
create index used_once_until on used_once (until);

create table raw_message (
  id uuid primary key,
  sender text collate "C" not null,
  key text collate "C" not null,
  digest text collate "C" not null,
  media_type text not null,
  received_at timestamptz not null,
  state text not null check (state in ('received', 'mapped', 'failed', 'held')),
  issues jsonb not null default '[]',
  content bytea not null,
  unique (sender, key, digest)
);
create index raw_message_waiting on raw_message (received_at) where state <> 'mapped';
