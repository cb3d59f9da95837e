-- Up to which moment a partner's de-identified answers tell of the records: two answers that differ by what came in between would
-- tell when it came, to the day (45 CFR 164.514(b)(2)(i)(C)).

create table deidentified_picture (
  recipient text collate "C" primary key,
  at timestamptz not null
);
