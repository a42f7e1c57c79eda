-- When what an event told of a thing happened: what an older event says of it only fills what is open.
alter table meta.turn add column told_at timestamp;
