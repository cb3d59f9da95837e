-- What is to leave: one row for each message and destination, written with the fact that it tells of.
-- The items of one partner and one order key form a lane. Only the head of a lane may be sent; the next one becomes the head when it
-- has ended. Who adds to a lane, or ends an item, holds the lane's lock: so the order of `seq` is the order of commit within a lane,
-- and there is always one head. Times come from the caller.

create table outbox (
  seq bigint generated always as identity primary key,
  id uuid not null unique,
  partner text collate "C" not null,
  order_key text collate "C" not null,
  channel text not null,
  patient text collate "C",
  referral text collate "C",
  trace text collate "C" not null,
  what jsonb not null,
  idempotency_key text collate "C" not null,
  control_id text collate "C",
  enqueued_at timestamptz not null,
  state text not null check (state in ('queued', 'sending', 'unknown', 'held', 'delivered', 'withheld', 'cancelled')),
  is_head boolean not null,
  attempts integer not null default 0,
  next_at timestamptz not null,
  owner integer,
  cause text,
  ended_at timestamptz,
  unique (partner, idempotency_key)
);
create index outbox_ready on outbox (partner, next_at, seq) where is_head and state in ('queued', 'unknown');
create index outbox_lane on outbox (partner, order_key, seq) where state in ('queued', 'sending', 'unknown', 'held');
create index outbox_sending on outbox (owner) where state = 'sending';
create index outbox_held on outbox (partner, seq) where state = 'held';
create index outbox_referral on outbox (referral, seq) where referral is not null;
create index outbox_patient on outbox (patient, seq) where patient is not null;
create index outbox_control_id on outbox (control_id) where control_id is not null;

create table partner_pause (
  partner text collate "C" primary key,
  since timestamptz not null,
  reason text not null,
  by_whom text not null
);

create table incident (
  id bigint generated always as identity primary key,
  partner text collate "C" not null,
  cause text not null,
  opened_at timestamptz not null,
  last_at timestamptz not null,
  occurrences integer not null default 1,
  closed_at timestamptz,
  closed_by text
);
create unique index incident_open on incident (partner, cause) where closed_at is null;

create function outbox_lane_lock(p_partner text, p_order_key text) returns void language sql as $$
  select pg_advisory_xact_lock(hashtextextended(p_partner || chr(31) || p_order_key, 4717));
$$;

create function outbox_enqueue(
  p_id uuid, p_partner text, p_order_key text, p_channel text, p_patient text, p_referral text, p_trace text, p_what jsonb,
  p_idempotency_key text, p_control_id text, p_at timestamptz, out item_id uuid, out is_new boolean
) language plpgsql as $$
declare
  v_is_head boolean;
begin
  perform outbox_lane_lock(p_partner, p_order_key);
  v_is_head := not exists (
    select from outbox where partner = p_partner and order_key = p_order_key and state in ('queued', 'sending', 'unknown', 'held'));
  insert into outbox (id, partner, order_key, channel, patient, referral, trace, what, idempotency_key, control_id, enqueued_at, state, is_head, next_at)
  values (p_id, p_partner, p_order_key, p_channel, p_patient, p_referral, p_trace, p_what, p_idempotency_key, p_control_id, p_at, 'queued', v_is_head, p_at)
  on conflict (partner, idempotency_key) do nothing
  returning id into item_id;
  is_new := item_id is not null;
  if not is_new then
    select o.id into item_id from outbox o where o.partner = p_partner and o.idempotency_key = p_idempotency_key;
  elsif v_is_head then
    perform pg_notify('outbox', p_partner);
  end if;
end $$;

create function outbox_claim(p_partner text, p_owner integer, p_at timestamptz) returns table (claimed outbox, former text) language sql as $$
  with head as (
    select seq, state from outbox
    where partner = p_partner and is_head and state in ('queued', 'unknown') and next_at <= p_at
      and not exists (select from partner_pause where partner = p_partner)
    order by next_at, seq limit 1 for update skip locked)
  update outbox o set state = 'sending', owner = p_owner, attempts = attempts + 1
  from head where o.seq = head.seq
  returning o, head.state;
$$;

-- Ends an item, and makes the next of its lane the head. False when it has ended already.
create function outbox_close(p_seq bigint, p_state text, p_cause text, p_at timestamptz) returns boolean language plpgsql as $$
declare
  v_partner text;
  v_order_key text;
  v_next bigint;
begin
  update outbox set state = p_state, is_head = false, owner = null, cause = p_cause, ended_at = p_at
  where seq = p_seq and state in ('queued', 'sending', 'unknown', 'held') returning partner, order_key into v_partner, v_order_key;
  if v_partner is null then return false; end if;
  perform outbox_lane_lock(v_partner, v_order_key);
  select min(seq) into v_next from outbox
  where partner = v_partner and order_key = v_order_key and state in ('queued', 'sending', 'unknown', 'held');
  if v_next is not null then
    update outbox set is_head = true where seq = v_next and not is_head;
    if found then perform pg_notify('outbox', v_partner); end if;
  end if;
  return true;
end $$;

create function incident_note(p_partner text, p_cause text, p_at timestamptz) returns boolean language plpgsql as $$
declare
  v_occurrences integer;
begin
  insert into incident (partner, cause, opened_at, last_at) values (p_partner, p_cause, p_at, p_at)
  on conflict (partner, cause) where closed_at is null
  do update set occurrences = incident.occurrences + 1, last_at = greatest(incident.last_at, excluded.last_at)
  returning occurrences into v_occurrences;
  if v_occurrences = 1 then perform pg_notify('incident', p_partner); end if;
  return v_occurrences = 1;
end $$;

-- What became of an attempt. False when the item is no longer the caller's: another gateway took over, for it thought the caller dead.
create function outbox_settle(
  p_seq bigint, p_owner integer, p_state text, p_cause text, p_at timestamptz, p_next_at timestamptz
) returns boolean language plpgsql as $$
declare
  v_partner text;
begin
  select partner into v_partner from outbox where seq = p_seq and state = 'sending' and owner = p_owner for update;
  if v_partner is null then return false; end if;
  if p_state in ('delivered', 'withheld', 'cancelled') then
    perform outbox_close(p_seq, p_state, p_cause, p_at);
  else
    update outbox set state = p_state, owner = null, cause = p_cause, next_at = p_next_at where seq = p_seq;
    perform incident_note(v_partner, p_cause, p_at);
  end if;
  return true;
end $$;

create function outbox_reap(p_owner integer, p_at timestamptz) returns setof text language sql as $$
  with taken as (
    update outbox set state = 'unknown', owner = null, cause = 'interrupted', next_at = p_at where state = 'sending' and owner = p_owner
    returning partner)
  select distinct partner from taken;
$$;
