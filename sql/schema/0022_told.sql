-- Which columns an event told, parted by spaces: an older event says of those nothing that holds. Null where that was not noted
-- yet, and all of them are meant.
alter table meta.turn add column told varchar;
