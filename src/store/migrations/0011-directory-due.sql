-- Records that belong to nobody about which has to be decided again, because a partner has come or has changed. As `decision_due`,
-- by record, so that a large directory is decided in pieces.
create table directory_due (
  type text collate "C" not null,
  id text collate "C" not null,
  since timestamptz not null,
  primary key (type, id)
);

-- who refers to a record of nobody, in whichever version
create index record_shared_references on record using gin ((facts -> 'references')) where patient = '';

-- until now these were decided only when they were written, and a partner that became a part of another was not decided about
insert into directory_due (type, id, since) select type, id, now() from place where patient = '';
insert into decision_due (patient, since) select distinct patient, now() from place where patient <> '' on conflict do nothing;
insert into patient_lock (patient) values ('') on conflict do nothing;
