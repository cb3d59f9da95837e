-- Texts that nobody may be shown any more, nor was by the rules as they are read now, but that somebody was shown before a
-- revocation or correction came in: for the proof of a past disclosure only. The partner-facing role has no right to it.

create table rendition_before (
  patient text collate "C" not null,
  rid bigint not null,
  type text collate "C" not null,
  id text collate "C" not null,
  version_id text collate "C" not null,
  updated timestamptz not null,
  body text not null,
  ended timestamptz not null default clock_timestamp(),
  primary key (patient, rid)
);
create index rendition_before_by_end on rendition_before (ended);
