-- Patients about whom has to be decided again because something changed that concerns many: a partner, or a basis for everybody.
-- A row goes in the transaction that has decided; what a crash leaves is taken up by whichever gateway looks next.
create table decision_due (
  patient text collate "C" primary key,
  since timestamptz not null
);
