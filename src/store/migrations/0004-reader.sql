-- The second lock. Partner-facing queries run as `gateway_reader`, for whom the policies below are the audience join: a query
-- that forgot it shows nothing. Who asks, when and why is said by the query itself, in settings that end with its transaction.

do $$
begin
  create role gateway_reader nologin;
exception when duplicate_object or unique_violation then
  null; -- roles are shared by all databases of a server, and another one may be migrating now
end $$;

do $$
begin
  execute format('grant gateway_reader to %I', current_user);
exception when others then
  null; -- whoever made the role may use it already
end $$;

-- an index serves a condition before a policy only if the condition tells nothing about rows that the policy hides; these two
-- compare and cannot raise. Where only the provider of the database may say so, a search over all patients reads more.
do $$
begin
  alter function pg_catalog.arraycontains(anyarray, anyarray) leakproof;
  alter function pg_catalog.arrayoverlap(anyarray, anyarray) leakproof;
exception when insufficient_privilege then
  null;
end $$;

create function asking_recipient() returns text language sql stable parallel safe
  return nullif(current_setting('gateway.recipient', true), '');
create function asking_at() returns timestamptz language sql stable parallel safe
  return nullif(current_setting('gateway.at', true), '')::timestamptz;
create function asking_purposes() returns text[] language sql stable parallel safe
  return string_to_array(nullif(current_setting('gateway.purposes', true), ''), ' ');

alter table showing enable row level security;
alter table shown_before enable row level security;
alter table rendition enable row level security;
alter table span enable row level security;
alter table word enable row level security;

-- one `case` each, so that the planner does not count a condition twice that the query states as well
create policy audience on showing for select to gateway_reader using (
  case when recipient = (select asking_recipient()) and since <= (select asking_at()) and until > (select asking_at())
    and purposes @> (select asking_purposes()) then true else false end);
create policy audience on shown_before for select to gateway_reader using (
  case when recipient = (select asking_recipient()) and since <= (select asking_at()) and until > (select asking_at())
    and purposes @> (select asking_purposes()) then true else false end);
create policy audience on rendition for select to gateway_reader using (
  case when exists (select from showing s where s.rid = rendition.rid and s.recipient = (select asking_recipient()) offset 0) then true
    else exists (select from shown_before s where s.rid = rendition.rid and s.recipient = (select asking_recipient()) offset 0) end);
create policy audience on span for select to gateway_reader using (
  case when recipient = (select asking_recipient())
    then exists (select from showing s where s.rid = span.rid and s.recipient = (select asking_recipient()) offset 0) else false end);
create policy audience on word for select to gateway_reader using (
  case when recipient = (select asking_recipient())
    then exists (select from showing s where s.rid = word.rid and s.recipient = (select asking_recipient()) offset 0) else false end);

grant usage on schema public to gateway_reader;
grant select on showing, shown_before, rendition, span, word to gateway_reader;
grant select (id, is_current, is_active) on partner to gateway_reader;
