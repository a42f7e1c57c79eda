-- How long a push's body is, so that who wants to know reads no bodies. What came before is measured with the next round.
alter table meta.inbox add column bytes bigint;
