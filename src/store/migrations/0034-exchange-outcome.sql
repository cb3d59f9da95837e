-- What became of bytes that came in, and which of their values found no home: places and reasons, never the values.

alter table exchange
  add column state text check (state in ('mapped', 'held')),
  add column issues jsonb not null default '[]';
create index exchange_held on exchange (at) where state = 'held';
