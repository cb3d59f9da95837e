-- The records of one client that are in effect, for the rules of the programme: found by client, and in the order in which they
-- took effect, for a record that comes back as it was before counts anew.

create sequence raw_message_effect as bigint;

alter table raw_message add column client text collate "C", add column effect bigint;

update raw_message set effect = nextval('raw_message_effect') from (
  select id from raw_message where state = 'mapped' and media_type = 'application/json' order by received_at, id
) as former where former.id = raw_message.id;
update raw_message set client = convert_from(content, 'UTF8')::json ->> 'clientId'
  where state = 'mapped' and media_type = 'application/json';

create index raw_message_client on raw_message (sender, client, key, effect desc) where client is not null and effect is not null;
