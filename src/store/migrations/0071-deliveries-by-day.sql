-- Attempts to deliver a day, by partner and outcome, counted on with the disclosures of the same day; and the attempts of one disclosure.

create table delivery_day (
  day date not null,
  partner text collate "C" not null,
  outcome text collate "C" not null,
  count integer not null,
  primary key (day, partner, outcome)
);

-- counted from the beginning once more, for the deliveries were not
truncate disclosure_day;
update disclosure_day_upto set seq = 0;

-- canonical JSON writes the member in one way only
create function delivered_disclosure(body text) returns text language sql immutable parallel safe as $$
  select substring(body from '"disclosure":"([^"]{1,64})"')
$$;
create index ledger_delivery_of on ledger (delivered_disclosure(body), seq) where kind = 'delivery';
