-- The person behind the system who subscribed, when the token named one: every notification is asked for under this name too.

alter table subscription add column subject jsonb;
