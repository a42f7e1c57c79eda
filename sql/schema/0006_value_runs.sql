-- Runs of the value model.

-- All that the figures of a run depend on, so that they are had again by its number.
create table meta.value_run (
    run bigint not null,
    made_at timestamp not null,
    model_version integer not null,
    seed bigint not null,
    data_version bigint not null,
    window_from timestamp not null,
    window_to timestamp not null,
    -- JSON.
    inputs varchar not null,
);
