-- Whose turn it is in each open referral, and since when nothing was heard; and what waits for a person.
-- A row of the watch goes when its referral ends. Times come from the caller; how many days are too many is a table in the code.

create table referral_watch (
  task text collate "C" primary key,
  patient text collate "C" not null,
  state text collate "C" not null,
  requester text collate "C" not null,
  -- the partner whose move it is; empty while anybody may claim the referral
  waits_for text collate "C" not null,
  -- digest of the service asked for, to find the same referral made twice
  service text collate "C" not null,
  -- the last word of the one whose move it is
  since timestamptz not null,
  -- how many rows of the table have been seen to
  step integer not null default 0,
  due_at timestamptz
);
create index referral_watch_due on referral_watch (due_at, task) where due_at is not null;
create index referral_watch_same on referral_watch (patient, requester, waits_for, service);

create table referral_attention (
  id bigint generated always as identity primary key,
  task text collate "C" not null,
  patient text collate "C" not null,
  kind text collate "C" not null check (kind in ('unanswered', 'unknown', 'disagreement', 'duplicate')),
  -- whom it is about
  partner text collate "C" not null,
  -- where the referral stood
  state text collate "C" not null,
  -- the state asked for in a disagreement, the earlier referral of a duplicate
  other text collate "C" not null default '',
  at timestamptz not null,
  closed_at timestamptz,
  closed_by text
);
create unique index referral_attention_open on referral_attention (task, kind, other) where closed_at is null;
create index referral_attention_at on referral_attention (at desc) where closed_at is null;

-- referrals that were under way before there was a watch: nothing is known of earlier word, so time begins at their last change
insert into referral_watch (task, patient, state, requester, waits_for, service, since, due_at)
select id, patient, body::jsonb ->> 'status',
  coalesce(replace(body::jsonb -> 'requester' ->> 'reference', 'Organization/', ''), ''),
  coalesce(replace(body::jsonb -> 'owner' ->> 'reference', 'Organization/', ''), ''), '', updated, updated
from record
where type = 'Task' and is_current and not is_deleted and body::jsonb ->> 'intent' = 'order'
  and body::jsonb ->> 'status' in ('draft', 'requested', 'accepted', 'in-progress', 'on-hold');
