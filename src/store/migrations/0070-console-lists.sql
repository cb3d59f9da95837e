-- What the console lists of clients, consents and referrals: one narrow row for each that is current, kept by the database itself, so
-- that a page is found by an index, and a count over all of them reads no resource.

create table client_line (
  id text collate "C" primary key,
  -- the first name as people write it; empty when there is none
  name text not null
);

create table consent_line (
  id text collate "C" primary key,
  version integer not null,
  patient text collate "C" not null,
  status text collate "C" not null,
  -- the end as it was filed, a partial date or a moment; empty when there is none
  until text collate "C" not null,
  -- the partner who filed it
  filed_by text collate "C" not null,
  updated timestamptz not null
);
create index consent_line_updated on consent_line (updated, id);
create index consent_line_patient on consent_line (patient, id);
create index consent_line_status on consent_line (status, updated, id);
create index consent_line_status_only on consent_line (status, id);
create index consent_line_until on consent_line ((until = ''), until, id);
create index consent_line_active_until on consent_line (until) where status = 'active' and until <> '';
create index consent_line_filed_by on consent_line (filed_by, id);

create table referral_line (
  id text collate "C" primary key,
  patient text collate "C" not null,
  state text collate "C" not null,
  -- as the resource names them: `Organization/x`; empty when nobody is named
  requester text collate "C" not null,
  owner text collate "C" not null,
  made timestamptz not null,
  updated timestamptz not null
);
create index referral_line_updated on referral_line (updated, id);
create index referral_line_patient on referral_line (patient, id);
create index referral_line_state on referral_line (state, updated, id);
create index referral_line_state_only on referral_line (state, id);
create index referral_line_requester on referral_line (requester, id);
create index referral_line_owner on referral_line (owner, id);
create index referral_line_made on referral_line (made, id);
create index referral_line_age on referral_line (state, made);

create function name_of(body jsonb) returns text language sql immutable parallel safe as $$
  select coalesce(
    body -> 'name' -> 0 ->> 'text',
    concat_ws(' ',
      (select string_agg(g, ' ') from jsonb_array_elements_text(body -> 'name' -> 0 -> 'given') as g), body -> 'name' -> 0 ->> 'family'),
    '')
$$;

-- a moment that PostgreSQL cannot read, such as a year alone, gives way to when the gateway heard of it
create function moment_or(written text, otherwise timestamptz) returns timestamptz language sql stable parallel safe as $$
  select case when pg_input_is_valid(coalesce(written, ''), 'timestamptz') then written::timestamptz else otherwise end
$$;

create function record_line() returns trigger language plpgsql as $$
declare
  body jsonb;
begin
  if new.is_deleted then
    case new.type
      when 'Patient' then delete from client_line where id = new.id;
      when 'Consent' then delete from consent_line where id = new.id;
      when 'Task' then delete from referral_line where id = new.id;
    end case;
    return null;
  end if;
  body := new.body::jsonb;
  case new.type
    when 'Patient' then
      insert into client_line (id, name) values (new.id, name_of(body))
      on conflict (id) do update set name = excluded.name where client_line.name <> excluded.name;
    when 'Consent' then
      insert into consent_line (id, version, patient, status, until, filed_by, updated)
      values (new.id, new.version, new.patient, coalesce(body ->> 'status', ''), coalesce(body #>> '{provision,period,end}', ''),
        coalesce(new.origin ->> 'partner', ''), new.updated)
      on conflict (id) do update set (version, patient, status, until, filed_by, updated)
        = (excluded.version, excluded.patient, excluded.status, excluded.until, excluded.filed_by, excluded.updated);
    when 'Task' then
      insert into referral_line (id, patient, state, requester, owner, made, updated)
      values (new.id, new.patient, coalesce(body ->> 'status', ''), coalesce(body #>> '{requester,reference}', ''),
        coalesce(body #>> '{owner,reference}', ''), moment_or(body ->> 'authoredOn', new.updated), new.updated)
      on conflict (id) do update set (patient, state, requester, owner, made, updated)
        = (excluded.patient, excluded.state, excluded.requester, excluded.owner, excluded.made, excluded.updated);
  end case;
  return null;
end
$$;
create trigger record_line after insert on record
  for each row when (new.type in ('Patient', 'Consent', 'Task') and new.is_current) execute function record_line();

insert into client_line (id, name)
  select id, name_of(body::jsonb) from record where type = 'Patient' and is_current and not is_deleted;
insert into consent_line (id, version, patient, status, until, filed_by, updated)
  select id, version, patient, coalesce(body::jsonb ->> 'status', ''), coalesce(body::jsonb #>> '{provision,period,end}', ''),
    coalesce(origin ->> 'partner', ''), updated
  from record where type = 'Consent' and is_current and not is_deleted;
insert into referral_line (id, patient, state, requester, owner, made, updated)
  select id, patient, coalesce(body::jsonb ->> 'status', ''), coalesce(body::jsonb #>> '{requester,reference}', ''),
    coalesce(body::jsonb #>> '{owner,reference}', ''), moment_or(body::jsonb ->> 'authoredOn', updated), updated
  from record where type = 'Task' and is_current and not is_deleted;

-- emergencies, the last entered first, and one patient's
create index legal_basis_emergency on legal_basis (saved_at, id, patient) where kind = 'medical-emergency' and is_current;

-- deliveries by each column that a page sorts by
create index outbox_by_partner on outbox (partner, seq);
create index outbox_by_state on outbox (state, seq);
create index outbox_by_attempts on outbox (attempts, seq);
create index outbox_by_next on outbox (next_at, seq);
create index outbox_by_end on outbox ((coalesce(ended_at, 'infinity')), seq);

-- requests of patients: what is open and due first, what is closed last
create index patient_request_due on patient_request ((coalesce(closed_on, '-infinity')), due_on, id);
create index patient_request_received on patient_request (received_on, id);
create index patient_request_patient on patient_request (patient, id);
create index patient_request_right on patient_request (right_asked, id);
create index patient_request_closed on patient_request ((coalesce(closed_on, 'infinity')), id);
