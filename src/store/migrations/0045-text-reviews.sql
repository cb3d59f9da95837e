-- What staff decided about texts that no rule is sure of. A decision is about one text at one place of one record, known by its
-- digest; it is never changed, a later one takes its place. The texts themselves stand in the records only.

create table text_review (
  seq bigint generated always as identity primary key,
  patient text collate "C" not null,
  type text collate "C" not null,
  id text collate "C" not null,
  pointer text collate "C" not null,
  digest text collate "C" not null check (digest ~ '^[0-9a-f]{64}$'),
  verdict text not null check (verdict in ('released', 'labelled', 'reopened')),
  sensitivity text[] not null,
  -- why it was held: ids of rules
  rules text[] not null,
  decided_by text not null,
  role text not null,
  decided_at timestamptz not null,
  check ((verdict = 'labelled') = (cardinality(sensitivity) > 0))
);

create index text_review_record on text_review (type, id, pointer, digest, seq desc);
create index text_review_patient on text_review (patient, seq desc);

-- the queue: records of today in which something waits
create function record_waits(labels jsonb) returns boolean language sql immutable parallel safe as $$
  select labels ->> 'status' = 'pending' or jsonb_path_exists(labels, '$.parts[*] ? (@.certainty == "doubtful")')
$$;
create index record_held on record (updated, type, id) where is_current and not is_deleted and record_waits(labels);
