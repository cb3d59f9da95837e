-- Referrals to the programme: what they were screened by, who has a place, and what two sides disagree about.

alter table referral_attention drop constraint referral_attention_kind_check;
alter table referral_attention
  add constraint referral_attention_kind_check
    check (kind in ('unanswered', 'unknown', 'disagreement', 'duplicate', 'conflict', 'screening', 'capacity')),
  -- the version of the Task that stood here
  add column version bigint,
  -- the bytes in which the other side said what it has
  add column exchange uuid;

-- a digest of who the client is, so that the same person is found under the number of another sender; empty where too little is known
alter table referral_watch add column client text collate "C" not null default '';
create index referral_watch_client on referral_watch (client, service) where client <> '';

create table referral_screening (
  task text collate "C" primary key,
  -- the patient of the referral
  patient text collate "C" not null,
  -- the patient under whom the programme screened; empty while it has not
  client text collate "C" not null default '',
  outcome text not null check (outcome in ('eligible', 'not-eligible', 'undecided')),
  -- by criterion: met, not-met or unknown, and the records that say so
  findings jsonb not null,
  at timestamptz not null
);
create index referral_screening_client on referral_screening (client) where client <> '';

-- what a partner says of its places for one service; the need is a code with its system, or an asterisk for whatever it does
create table service_capacity (
  provider text collate "C" not null,
  need text collate "C" not null,
  status text not null check (status in ('capacity', 'no-capacity', 'no-capacity-has-waitlist')),
  -- free places; null where nobody counts them
  places integer check (places >= 0),
  stated_at timestamptz not null,
  stated_by text not null,
  primary key (provider, need)
);

-- the place that a referral has taken, until it ends
create table referral_place (
  task text collate "C" primary key,
  provider text collate "C" not null,
  need text collate "C" not null,
  foreign key (provider, need) references service_capacity on delete cascade
);
