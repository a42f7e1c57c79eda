-- What a push tells beside facts is counted once, however often it is tried.
alter table meta.inbox add column is_noted boolean default false;
