-- What a push that is held waits for: the begins of these things.
create table meta.awaited (number bigint not null, kind varchar not null, id varchar not null);
