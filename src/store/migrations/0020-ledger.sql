-- The ledger: append-only, contiguous from 1, each entry's hash over the one before. Bodies hold ids, codes and hashes only.
-- Written through one function that runs with the rights of a role of its own; the gateway's role may only read and call it.

create table ledger (
  seq bigint primary key check (seq > 0),
  hash bytea not null check (octet_length(hash) = 32),
  -- canonical JSON, as it was hashed
  body text not null,
  -- taken from the body by the function below, to find entries by
  at timestamptz not null,
  kind text collate "C" not null,
  recipient text collate "C"
);
create index ledger_by_kind on ledger (kind, seq);
create index ledger_by_recipient on ledger (recipient, seq) where recipient is not null;
create index ledger_by_time on ledger (at, seq);

-- which entries are about which patient
create table ledger_patient (
  patient text collate "C" not null,
  seq bigint not null,
  primary key (patient, seq)
);

-- the link of one entry: domain, link before, number, body
create function ledger_link(previous bytea, seq bigint, body text) returns bytea
  language sql immutable parallel safe strict
  return sha256('\x00'::bytea || previous || int8send(seq) || convert_to(body, 'UTF8'));

-- Appends entries in the order given and says where they stand. One appender at a time, over all gateways, until its
-- transaction ends: so a transaction calls this last.
create function ledger_append(bodies jsonb) returns table (seq bigint, hash text)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  new_body text;
  new_bodies text[] := '{}';
  new_hashes bytea[] := '{}';
  first bigint;
  here bigint;
  link bytea;
begin
  perform pg_advisory_xact_lock(4717003);
  select l.seq, l.hash into here, link from public.ledger l order by l.seq desc limit 1;
  if here is null then
    here := 0;
    link := sha256('mission-gateway ledger 1'::bytea);
  end if;
  first := here;
  for new_body in select value from jsonb_array_elements_text(bodies) with ordinality as t (value, nth) order by nth loop
    here := here + 1;
    link := public.ledger_link(link, here, new_body);
    new_bodies := new_bodies || new_body;
    new_hashes := new_hashes || link;
  end loop;
  insert into public.ledger (seq, hash, body, at, kind, recipient)
    select first + nth, h, b, (b::jsonb ->> 'at')::timestamptz, b::jsonb ->> 'kind', b::jsonb ->> 'recipient'
    from unnest(new_hashes, new_bodies) with ordinality as t (h, b, nth);
  insert into public.ledger_patient (patient, seq)
    select distinct p #>> '{}', first + nth
    from unnest(new_bodies) with ordinality as t (b, nth), jsonb_path_query(b::jsonb, 'strict $.**.patient') as p
    where jsonb_typeof(p) = 'string';
  return query select first + nth, encode(h, 'hex') from unnest(new_hashes) with ordinality as t (h, nth) order by nth;
end
$$;

-- A second lock beside the rights, for roles that rights do not bind.
create function ledger_refuse() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and current_user = (select tableowner from pg_tables where schemaname = tg_table_schema and tablename = tg_table_name) then
    return null;
  end if;
  raise exception 'the ledger is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger ledger_append_only before insert or update or delete or truncate on ledger
  for each statement execute function ledger_refuse();
create trigger ledger_patient_append_only before insert or update or delete or truncate on ledger_patient
  for each statement execute function ledger_refuse();

revoke all on ledger, ledger_patient from public;
revoke all on function ledger_append(jsonb) from public;

-- The role that owns the ledger. Where the migrating role may not make roles, the ledger stays its own: then only the triggers
-- and the heads published outside protect it, and the operator guide says so.
do $$
begin
  begin
    create role gateway_ledger nologin;
  exception when duplicate_object or unique_violation then null;
  end;
  execute format('grant gateway_ledger to %I', current_user);
  grant usage, create on schema public to gateway_ledger;
  alter table ledger owner to gateway_ledger;
  alter table ledger_patient owner to gateway_ledger;
  alter function ledger_append(jsonb) owner to gateway_ledger;
  revoke create on schema public from gateway_ledger;
  revoke update, delete, truncate on ledger, ledger_patient from gateway_ledger;
  execute format('grant select on ledger, ledger_patient to %I', current_user);
  execute format('grant execute on function ledger_append(jsonb) to %I', current_user);
  execute format('revoke gateway_ledger from %I', current_user);
exception when insufficient_privilege then
  raise warning 'the ledger has no role of its own: its triggers alone keep it append-only';
end
$$;
