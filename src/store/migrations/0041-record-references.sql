-- Who refers to a role, a group or an organisation: when that changes, those patients are decided about again.

create index record_references on record using gin ((facts -> 'references')) where is_current;
