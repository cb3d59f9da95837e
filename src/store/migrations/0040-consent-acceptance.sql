-- What the programme decided about consents that others filed: which version it relies on, or that it relies on none.

create table consent_acceptance (
  patient text collate "C" not null,
  id text collate "C" not null,
  version integer not null check (version > 0),
  decision text not null check (decision in ('accepted', 'refused')),
  decided_at timestamptz not null,
  -- the ledger has it too; here it is for the officer's list
  by text not null,
  primary key (patient, id, version, decided_at)
);
