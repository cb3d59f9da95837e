-- What may be shown, and to whom. A rendition is the text of a record as one or more recipients see it; a showing says who may
-- see it as the record stands now; `shown_before` says who may see it in history. Search values are taken from the rendition.

create table rendition (
  patient text collate "C" not null,
  -- first 64 bits of the digest that is also the version id
  rid bigint not null,
  type text collate "C" not null,
  id text collate "C" not null,
  version_id text collate "C" not null,
  -- place in the visible history, from 1
  nth integer not null,
  updated timestamptz not null,
  is_deleted boolean not null,
  body text not null,
  -- references to resources of this server, for _include: search parameter, type, id
  link_code text[] collate "C" not null,
  link_type text[] collate "C" not null,
  link_id text[] collate "C" not null,
  primary key (patient, rid)
);

-- one recipient, one record, one stretch of time: half-open [since, until)
create table showing (
  patient text collate "C" not null,
  recipient text collate "C" not null,
  type text collate "C" not null,
  id text collate "C" not null,
  since timestamptz not null,
  until timestamptz not null,
  rid bigint not null,
  nth integer not null,
  updated timestamptz not null,
  is_deleted boolean not null,
  -- why: the basis of each purpose, as JSON, stands at the same place; empty where it is the one before
  purposes text[] collate "C" not null,
  bases text[] collate "C" not null,
  -- each term is hashed together with the recipient, so that an index entry is about one recipient only
  tokens bigint[] not null,
  primary key (patient, recipient, type, id, rid, since)
) with (fillfactor = 80);
create index showing_by_id on showing (recipient, type, id);
create index showing_by_time on showing (recipient, type, updated, id);
create index showing_by_rid on showing (rid, recipient);
-- without a pending list, which every search would have to read besides
create index showing_by_token on showing using gin (tokens) with (fastupdate = off);
alter table showing alter column tokens set statistics 1000;

create table shown_before (
  patient text collate "C" not null,
  recipient text collate "C" not null,
  type text collate "C" not null,
  id text collate "C" not null,
  since timestamptz not null,
  until timestamptz not null,
  rid bigint not null,
  nth integer not null,
  updated timestamptz not null,
  is_deleted boolean not null,
  purposes text[] collate "C" not null,
  bases text[] collate "C" not null,
  primary key (patient, recipient, type, id, rid, since)
);
create index shown_before_by_id on shown_before (recipient, type, id, updated);
create index shown_before_by_time on shown_before (recipient, type, updated);
create index shown_before_by_rid on shown_before (rid, recipient);

-- dates, numbers and quantities of what a recipient may see
create table span (
  patient text collate "C" not null,
  recipient text collate "C" not null,
  rid bigint not null,
  -- hash of recipient and search parameter, as in `term`
  slot bigint not null,
  low double precision not null,
  high double precision not null,
  -- hashes of the spellings of the unit
  units bigint[] not null
);
create index span_by_low on span (slot, low, high, rid);
create index span_by_rid on span (rid, slot);

-- strings of what a recipient may see
create table word (
  patient text collate "C" not null,
  recipient text collate "C" not null,
  rid bigint not null,
  slot bigint not null,
  value text collate "C" not null,
  exact text collate "C" not null
);
create index word_by_value on word (slot, value, rid);
create index word_by_rid on word (rid, slot);

-- the hash of a search term for one recipient
create function term(recipient text, term text) returns bigint
  language sql immutable parallel safe strict
  return hashtextextended(recipient || ' ' || term, 0);
