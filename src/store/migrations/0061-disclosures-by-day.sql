-- How many disclosures a day, by partner and first basis, for the console's chart: counted on from where the last count ended, for no
-- page may read a ledger of millions.

create table disclosure_day (
  day date not null,
  partner text collate "C" not null,
  basis text collate "C" not null,
  count integer not null,
  primary key (day, partner, basis)
);
create table disclosure_day_upto (
  single boolean primary key default true check (single),
  seq bigint not null
);
insert into disclosure_day_upto (seq) values (0);
