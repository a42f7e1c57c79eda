-- What Cairn keeps about the sources it reads and is pushed to.

-- How the last run of each source went.
create table meta.source_run (
    source varchar not null,
    kind varchar not null,
    began_at timestamp not null,
    ended_at timestamp not null,
    requests bigint not null,
    retries bigint not null,
    facts bigint not null,
    -- Why it ended before the end; null when it did not.
    error varchar,
    -- The system's rate limit, as it said last.
    rate_limit bigint,
    rate_remaining bigint,
    rate_resets_at timestamp,
);

-- What could not be mapped, was left out or was not known in what a source told, with how often.
create table meta.source_note (
    source varchar not null,
    -- unmapped, unknown_word, left_out or refused
    sort varchar not null,
    what varchar not null,
    subject varchar not null,
    n bigint not null,
    noted_at timestamp not null,
);

-- Pushes accepted and not yet turned into facts, and those that cannot be: they have a reason.
create table meta.inbox (
    number bigint not null,
    source varchar not null,
    -- What makes a repeat of the same push recognisable.
    delivery varchar not null,
    received_at timestamp not null,
    headers varchar not null,
    body blob not null,
    reason varchar,
);

-- Pushes already turned into facts, so that repeats do nothing.
create table meta.delivery (source varchar not null, delivery varchar not null, taken_at timestamp not null);
