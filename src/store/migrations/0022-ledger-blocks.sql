-- Where in the ledger something rare is to be found: for each stretch of 64 entries what bases, purposes and doors they name, and for
-- each stretch of 1,024 between which moments they lie. Made of the bodies, so it may be made again; evidence is the ledger alone.

create table ledger_facet (
  -- `basis:…`, `purpose:…` or `door:…`
  facet text collate "C" not null,
  -- number of the entry by 64
  block bigint not null,
  primary key (facet, block)
);
create table ledger_time (
  -- number of the entry by 1,024
  block bigint primary key,
  low timestamptz not null,
  high timestamptz not null
);

insert into ledger_facet (facet, block)
  select distinct f, seq >> 6 from (select seq, body::jsonb as j from ledger) as entry, lateral (
    select 'basis:' || (one ->> 'kind') from jsonb_path_query(j, 'lax $.bases[*] ? (@.kind.type() == "string")') as one
    union all select 'purpose:' || (one #>> '{}') from jsonb_path_query(j, 'lax $.purposes[*] ? (@.type() == "string")') as one
    union all select 'door:' || (j ->> 'door') where j ->> 'door' is not null
  ) as t (f);
insert into ledger_time (block, low, high) select seq >> 10, min(at), max(at) from ledger group by 1;

do $$
begin
  execute format('grant gateway_ledger to %I', current_user);
exception when insufficient_privilege or undefined_object then
  null; -- where the ledger has no role of its own, it is the migrating role's
end
$$;

drop function ledger_append(text);
create function ledger_append(lines text) returns table (first bigint, hashes text)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  new_body text;
  new_bodies text[] := string_to_array(lines, E'\n');
  new_hashes bytea[] := '{}';
  last bigint;
  here bigint;
  link bytea;
begin
  perform pg_advisory_xact_lock(4717003);
  select l.seq, l.hash into last, link from public.ledger l order by l.seq desc limit 1;
  if last is null then
    last := 0;
    link := sha256('mission-gateway ledger 1'::bytea);
  end if;
  here := last;
  foreach new_body in array new_bodies loop
    here := here + 1;
    -- as ledger_link says, written out because a call costs more than the hash
    link := sha256('\x00'::bytea || link || int8send(here) || convert_to(new_body, 'UTF8'));
    new_hashes := new_hashes || link;
  end loop;
  with entry as materialized (
    select last + nth as seq, h, b, b::jsonb as j from unnest(new_hashes, new_bodies) with ordinality as t (h, b, nth)
  ), kept as (
    insert into public.ledger (seq, hash, body, at, kind, recipient)
      select seq, h, b, (j ->> 'at')::timestamptz, j ->> 'kind', j ->> 'recipient' from entry
  ), found as (
    insert into public.ledger_facet (facet, block)
      select distinct f, seq >> 6 from entry, lateral (
        select 'basis:' || (one ->> 'kind') from jsonb_path_query(j, 'lax $.bases[*] ? (@.kind.type() == "string")') as one
        union all select 'purpose:' || (one #>> '{}') from jsonb_path_query(j, 'lax $.purposes[*] ? (@.type() == "string")') as one
        union all select 'door:' || (j ->> 'door') where j ->> 'door' is not null
      ) as t (f)
      on conflict do nothing
  ), timed as (
    insert into public.ledger_time as known (block, low, high)
      select seq >> 10, min((j ->> 'at')::timestamptz), max((j ->> 'at')::timestamptz) from entry group by 1
      on conflict (block) do update set low = least(known.low, excluded.low), high = greatest(known.high, excluded.high)
      where known.low > excluded.low or known.high < excluded.high
  )
  insert into public.ledger_patient (patient, seq)
    select distinct p #>> '{}', seq from entry, jsonb_path_query(j, 'strict $.**.patient') as p where jsonb_typeof(p) = 'string';
  return query select last + 1, (select string_agg(encode(h, 'hex'), '' order by nth) from unnest(new_hashes) with ordinality as t (h, nth));
end
$$;
revoke all on ledger_facet, ledger_time from public;
revoke all on function ledger_append(text) from public;

do $$
begin
  grant create on schema public to gateway_ledger;
  alter table ledger_facet owner to gateway_ledger;
  alter table ledger_time owner to gateway_ledger;
  alter function ledger_append(text) owner to gateway_ledger;
  revoke create on schema public from gateway_ledger;
  execute format('grant select on ledger_facet, ledger_time to %I', current_user);
  execute format('grant execute on function ledger_append(text) to %I', current_user);
  execute format('revoke gateway_ledger from %I', current_user);
exception when insufficient_privilege or undefined_object then
  null;
end
$$;
