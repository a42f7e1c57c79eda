-- What pushes told stands beside what the last run of the same source told, and is not replaced by it.
alter table meta.source_note add column is_pushed boolean default false;
