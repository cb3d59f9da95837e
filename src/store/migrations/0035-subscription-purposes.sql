-- For which purposes a subscriber asserted that it wants to hear: every notification is asked for under these.

alter table subscription add column purposes text[] not null default '{}';
