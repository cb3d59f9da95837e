-- The same ledger, appended to at half the cost: where an entry is to be found (its moment, kind and recipient, whom it is about, what it
-- names) comes beside its body from whoever made the body, so that no body is read as JSON while everybody waits. What was said of a
-- stretch is not said again, and the moments of a stretch are widened by a minute, so that not every entry widens them anew.
-- Evidence is the body alone, as before; all else can be made of the bodies again.

do $$
begin
  execute format('grant gateway_ledger to %I', current_user);
exception when insufficient_privilege or undefined_object then
  null; -- where the ledger has no role of its own, it is the migrating role's
end
$$;

-- the second lock, without a call for the one who has the key
drop trigger ledger_append_only on ledger;
drop trigger ledger_patient_append_only on ledger_patient;
do $$
declare
  place record;
begin
  for place in select tablename as name, tableowner as owner from pg_tables where schemaname = 'public' and tablename in ('ledger', 'ledger_patient') loop
    execute format('create trigger %I before update or delete or truncate on %I for each statement execute function ledger_refuse()',
      place.name || '_append_only', place.name);
    execute format('create trigger %I before insert on %I for each statement when (current_user <> %L) execute function ledger_refuse()',
      place.name || '_through_its_function', place.name, place.owner);
  end loop;
end
$$;
-- both hold of all that its one function writes
alter table ledger drop constraint ledger_seq_check, drop constraint ledger_hash_check;
-- a moment is found by way of ledger_time
drop index ledger_by_time;

drop function ledger_append(text);
-- `lines`: a body on each line. `moments`, `kinds`, `recipients`: one for each body. `patients` and `patient_nths`: who is named by which
-- body, from 1. `facets`: what all of them name together. Gives the number of the first.
create function ledger_append(
  lines text, moments timestamptz[], kinds text[], recipients text[], patients text[], patient_nths integer[], facets text[]
) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off
as $$
declare
  new_body text;
  new_bodies text[] := string_to_array(lines, E'\n');
  new_hashes bytea[] := '{}';
  last bigint;
  here bigint;
  link bytea;
  low_moment timestamptz;
  high_moment timestamptz;
begin
  if cardinality(moments) <> cardinality(new_bodies) or cardinality(kinds) <> cardinality(new_bodies)
    or cardinality(recipients) <> cardinality(new_bodies) or cardinality(patients) <> cardinality(patient_nths) then
    raise exception 'every body has its place' using errcode = 'invalid_parameter_value';
  end if;
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
  insert into public.ledger (seq, hash, body, at, kind, recipient)
    select last + nth, h, b, a, k, r
    from unnest(new_hashes, new_bodies, moments, kinds, recipients) with ordinality as t (h, b, a, k, r, nth);
  if cardinality(patients) > 0 then
    insert into public.ledger_patient (patient, seq) select p, last + nth from unnest(patients, patient_nths) as t (p, nth);
  end if;
  -- a stretch may be said to name what only its neighbour names: whoever looks reads the entries themselves
  if (last + 1) >> 6 <> here >> 6
    or (select count(*) from public.ledger_facet f where f.facet = any (facets) and f.block = here >> 6) < cardinality(facets) then
    insert into public.ledger_facet (facet, block)
      select f, b from unnest(facets) as t (f), generate_series((last + 1) >> 6, here >> 6) as s (b)
      on conflict do nothing;
  end if;
  select min(m), max(m) into low_moment, high_moment from unnest(moments) as t (m);
  if (last + 1) >> 10 <> here >> 10
    or not exists (select from public.ledger_time t where t.block = here >> 10 and t.low <= low_moment and t.high >= high_moment) then
    insert into public.ledger_time as known (block, low, high)
      select b, low_moment - interval '1 minute', high_moment + interval '1 minute' from generate_series((last + 1) >> 10, here >> 10) as s (b)
      on conflict (block) do update set low = least(known.low, excluded.low), high = greatest(known.high, excluded.high);
  end if;
  return last + 1;
end
$$;
revoke all on function ledger_append(text, timestamptz[], text[], text[], text[], integer[], text[]) from public;

do $$
begin
  grant create on schema public to gateway_ledger;
  alter function ledger_append(text, timestamptz[], text[], text[], text[], integer[], text[]) owner to gateway_ledger;
  revoke create on schema public from gateway_ledger;
  execute format('grant execute on function ledger_append(text, timestamptz[], text[], text[], text[], integer[], text[]) to %I', current_user);
  execute format('revoke gateway_ledger from %I', current_user);
exception when insufficient_privilege or undefined_object then
  null;
end
$$;
