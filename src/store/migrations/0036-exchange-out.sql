-- Bytes that were sent stand beside the item that they were sent for, and are looked for by it, newest first.

create index exchange_partner on exchange (partner, at);
