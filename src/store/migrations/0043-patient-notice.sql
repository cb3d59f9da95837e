-- The programme's notice to its patients (42 CFR 2.22), version by version as it was worded, and who was given which one.

create table patient_notice (
  version text collate "C" primary key,
  effective_from date not null unique,
  entered_at timestamptz not null
);

create table patient_notice_text (
  version text collate "C" not null references patient_notice,
  language text collate "C" not null,
  body text not null,
  sha256 text collate "C" not null,
  primary key (version, language)
);

-- one row for each time that it was handed over; none is ever changed
create table patient_notice_given (
  id text collate "C" primary key,
  patient text collate "C" not null,
  version text collate "C" not null,
  language text collate "C" not null,
  given_on date not null,
  how text collate "C" not null,
  acknowledged text collate "C" not null check (acknowledged in ('signed', 'electronic', 'not-obtained')),
  -- why no acknowledgement was obtained, in words that may name somebody
  because text,
  foreign key (version, language) references patient_notice_text,
  check ((acknowledged = 'not-obtained') = (because is not null))
);
create index patient_notice_given_to on patient_notice_given (patient, given_on);
create index patient_notice_given_of on patient_notice_given (version, patient);
