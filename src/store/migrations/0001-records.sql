-- The truth: every version of every resource, as it came, with its labels. No partner's query reads these tables.

-- where a resource is, and its last version; the row that a writer locks
create table place (
  type text collate "C" not null,
  id text collate "C" not null,
  patient text collate "C" not null,
  version integer not null check (version > 0),
  primary key (type, id)
);

create table record (
  -- the patient whose record this is; empty for what belongs to nobody, such as an Organization
  patient text collate "C" not null,
  type text collate "C" not null,
  id text collate "C" not null,
  version integer not null check (version > 0),
  is_current boolean not null,
  is_deleted boolean not null,
  updated timestamptz not null,
  origin jsonb not null,
  labels jsonb not null,
  facts jsonb not null,
  body text not null,
  primary key (patient, type, id, version)
);
create index record_by_id on record (type, id, version);

-- what serialises the decisions about one patient
create table patient_lock (
  patient text collate "C" primary key
);
