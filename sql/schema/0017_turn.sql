-- Of what was pushed, in any order: of which time the state is that was told whole, and when a thing was opened again. One row
-- per push that says one of them.
create table meta.turn (
    source varchar not null,
    kind varchar not null,
    id varchar not null,
    whole_at timestamp,
    reopened_at timestamp,
    noted_at timestamp not null,
);
