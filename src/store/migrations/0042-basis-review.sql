-- Each emergency is looked at afterwards, by somebody who had no part in it.

create table basis_review (
  patient text collate "C" not null,
  id text collate "C" not null,
  reviewed_at timestamptz not null,
  -- a person; the ledger names the system that said so
  reviewed_by text not null,
  finding text not null check (finding in ('justified', 'not-justified')),
  primary key (patient, id)
);
