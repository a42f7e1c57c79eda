-- Marts of observations hold keys, hashes and times only: what a row is called is looked up in the facts, for the few rows
-- that somebody looks at. Copying names through every step was most of the work of making these marts.

drop table marts.deployment_outcome;
drop table marts.change_delivery;
drop table marts.commit_delivery;
drop table marts.incident_outcome;

-- The rules are forgotten, so that the store makes its marts anew.
delete from marts.rule;

-- One row per deployment, with what became of it.
create table marts.deployment_outcome (
    deployment_hash ubigint not null,
    service_key integer not null,
    team_key integer,
    system_key integer,
    environment_key integer not null,
    repository_key integer,
    template_key integer,
    finished_at timestamp not null,
    kind varchar not null,
    is_production boolean not null,
    is_successful boolean not null,
    -- It reached production: it succeeded, or an incident names it as its cause.
    is_live boolean not null,
    -- It opens a roll-out: the first success of a revision in any production environment.
    is_rollout boolean not null,
    is_failed boolean not null,
    -- incident, rollback, hotfix or inferred
    failure varchar,
    impact_at timestamp,
    recovered_at timestamp,
    is_rework boolean not null,
    -- hotfix, rollback, revert or incident
    rework varchar,
);

-- One row per change, with the deployment that first brought it into production, if any did.
create table marts.change_delivery (
    change_hash ubigint not null,
    repository_hash ubigint not null,
    -- The merge revision's hash, or the change's own: two sources that tell of one change share it.
    change_identity ubigint not null,
    service_key integer,
    team_key integer,
    system_key integer,
    environment_key integer,
    repository_key integer not null,
    template_key integer,
    first_commit_at timestamp,
    opened_at timestamp,
    first_review_at timestamp,
    merged_at timestamp not null,
    deployed_at timestamp,
    deployment_hash ubigint,
    -- listed, topology or estimated
    matched_by varchar,
    is_bot boolean not null,
    is_revert boolean not null,
);

-- One row per commit, not a merge, that reached production.
create table marts.commit_delivery (
    revision_hash ubigint not null,
    repository_hash ubigint not null,
    service_key integer not null,
    team_key integer,
    system_key integer,
    environment_key integer not null,
    repository_key integer not null,
    template_key integer,
    deployed_at timestamp not null,
    -- Seconds from the author's time to the deployment's finish.
    lead_seconds bigint not null,
);

-- One row per incident.
create table marts.incident_outcome (
    incident_hash ubigint not null,
    service_key integer,
    team_key integer,
    system_key integer,
    environment_key integer,
    repository_key integer,
    template_key integer,
    opened_at timestamp not null,
    resolved_at timestamp,
);

-- What deployments, changes and incidents are called, by their hashes.
create view marts.deployment_name as
select fact_hash as subject, id as name, source, url
from facts.deployment;

create view marts.change_name as
select fact_hash as subject, id as name, source, url
from facts.change;

create view marts.incident_name as
select fact_hash as subject, id as name, source, url
from facts.incident;
