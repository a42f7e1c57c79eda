-- What facts said before they were corrected or taken away, so that a figure published earlier can be explained.

create schema past;

-- Up to when corrections were thrown away, since they were older than the configuration keeps them. Before that, and in
-- a store that is older than this table before this table, what was known cannot be told.
create table meta.past_dropped (until timestamp not null);

-- Which version of each metric's definition was in force from when on. Of the first nothing but the version is of interest.
create table meta.metric_version (
    metric varchar not null,
    version integer not null,
    -- Tells whether the query or the way to its figure changed without a new version.
    digest varchar not null,
    since timestamp not null,
);

-- One row per fact that no longer stands as it was told, until when it stood; otherwise as the table of its kind.
create table past.deployment as select *, null::timestamp as superseded_at from facts.deployment limit 0;
create table past.change as select *, null::timestamp as superseded_at from facts.change limit 0;
create table past.commit as select *, null::timestamp as superseded_at from facts.commit limit 0;
create table past.deployed_commit as select *, null::timestamp as superseded_at from facts.deployed_commit limit 0;
create table past.incident as select *, null::timestamp as superseded_at from facts.incident limit 0;
create table past.ticket as select *, null::timestamp as superseded_at from facts.ticket limit 0;
create table past.service as select *, null::timestamp as superseded_at from facts.service limit 0;
create table past.team as select *, null::timestamp as superseded_at from facts.team limit 0;
create table past.engineer as select *, null::timestamp as superseded_at from facts.engineer limit 0;
create table past.provisioning as select *, null::timestamp as superseded_at from facts.provisioning limit 0;
create table past.policy_result as select *, null::timestamp as superseded_at from facts.policy_result limit 0;
create table past.policy_block as select *, null::timestamp as superseded_at from facts.policy_block limit 0;
create table past.exemption as select *, null::timestamp as superseded_at from facts.exemption limit 0;
create table past.quota as select *, null::timestamp as superseded_at from facts.quota limit 0;
create table past.availability as select *, null::timestamp as superseded_at from facts.availability limit 0;
create table past.improvement as select *, null::timestamp as superseded_at from facts.improvement limit 0;
create table past.cost as select *, null::timestamp as superseded_at from facts.cost limit 0;
create table past.time_saving as select *, null::timestamp as superseded_at from facts.time_saving limit 0;
