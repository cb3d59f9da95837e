-- What patients asked for under 42 CFR 2.24 to 2.26 and HIPAA, and breaches of their records. The ledger holds that and when
-- something was done; here stands what for, in words that may name somebody.

create table patient_request (
  id text collate "C" primary key,
  patient text collate "C" not null,
  right_asked text collate "C" not null,
  received_on date not null,
  is_in_writing boolean not null,
  words text,
  due_on date not null,
  extended_on date,
  extended_because text,
  closed_on date,
  closed_as text collate "C" check (closed_as in ('answered', 'refused')),
  closed_with text,
  check ((closed_on is null) = (closed_as is null))
);
create index patient_request_by_patient on patient_request (patient, received_on);
create index patient_request_open on patient_request (due_on) where closed_on is null;

create table breach (
  id text collate "C" primary key,
  discovered_on date not null,
  what text not null,
  individuals integer not null check (individuals >= 0),
  most_in_one_state integer not null check (most_in_one_state between 0 and individuals),
  -- the four factors, in words; without an assessment a breach is one
  factors jsonb,
  is_low_probability boolean not null default false,
  individuals_told_on date,
  secretary_told_on date,
  media_told_on date,
  closed_on date
);
create index breach_open on breach (discovered_on) where closed_on is null;
