-- What one partner was shown, kind by kind: a kind that it never had is found to be none without reading all that it had.
create index ledger_by_recipient_kind on ledger (recipient, kind, seq) where recipient is not null;
drop index ledger_by_recipient;
