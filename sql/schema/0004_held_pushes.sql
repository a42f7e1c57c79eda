-- A push may end something of which no begin is known yet: it is held, with the reason, until that is told.
alter table meta.inbox add column is_held boolean default false;
