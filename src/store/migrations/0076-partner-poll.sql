-- Partners whose FHIR servers are asked what became of referrals.

create table partner_poll (
  partner text collate "C" primary key,
  -- the newest change that was seen, by the partner's clock
  since timestamptz not null,
  due_at timestamptz not null
);
