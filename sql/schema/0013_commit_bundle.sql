-- Commits that reached production together stand in one row: what they share is kept, read and put in order once, and not
-- twenty times.

drop table marts.commit_delivery;

-- The stages of a change, in seconds: each of whose two times both are known, in their order. Told once, they need not be
-- computed from five times for every question.
alter table marts.change_delivery add column coding_seconds bigint;
alter table marts.change_delivery add column pickup_seconds bigint;
alter table marts.change_delivery add column review_seconds bigint;
alter table marts.change_delivery add column deploy_seconds bigint;

-- The rules are forgotten, so that the store makes its marts anew.
delete from marts.rule;

-- One row per deployment and repository, with the commits, not merges, that it brought into production. Those that it
-- brought before they were written stand in a row of their own.
create table marts.commit_bundle (
    repository_hash ubigint not null,
    service_key integer not null,
    team_key integer,
    system_key integer,
    environment_key integer not null,
    repository_key integer not null,
    template_key integer,
    deployed_at timestamp not null,
    -- By their clocks they were written after they were deployed.
    is_early boolean not null,
    revision_hashes ubigint[] not null,
    -- For each revision the seconds from the author's time to the deployment's finish.
    lead_seconds bigint[] not null,
);

-- One row per commit, not a merge, that reached production.
create view marts.commit_delivery as
select
    unnest(revision_hashes) as revision_hash,
    repository_hash,
    service_key,
    team_key,
    system_key,
    environment_key,
    repository_key,
    template_key,
    deployed_at,
    is_early,
    unnest(lead_seconds) as lead_seconds,
from marts.commit_bundle;
