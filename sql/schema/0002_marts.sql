-- What Cairn keeps about itself, and the marts: facts turned into observations, with integer keys for every name.

-- One row: grows by one with every write that changed something, so that answers can be kept until then.
create table meta.data_version (version bigint not null);
insert into meta.data_version values (0);

-- Up to where a source has been read.
create table meta.cursor (source varchar not null, cursor varchar not null, updated_at timestamp not null);

-- The span of time for which a source has told of a kind of fact: outside of it, "none" is not known.
create table meta.source_span (
    source varchar not null,
    kind varchar not null,
    first_at timestamp not null,
    last_at timestamp not null,
    written_at timestamp not null,
);

-- API tokens; only their SHA-256 is kept.
create table meta.token (
    name varchar not null,
    scope varchar not null,
    token_hash varchar not null,
    created_at timestamp not null,
);

-- The rules by which the marts were made; other rules mean a rebuild.
create table marts.rule (name varchar not null, value varchar not null);

-- One row per name of a service, team, system, environment, repository or template.
create table marts.name (key integer not null, name varchar not null);

-- One row per repository: the hash that facts carry and the key that marts carry.
create table marts.repository (repository_hash ubigint not null, repository_key integer not null);

-- One row per version of a service: what held from `valid_from` up to `valid_until`. The first version known also
-- stands for the time before it.
create table marts.service_history (
    service varchar not null,
    valid_from timestamp not null,
    valid_until timestamp not null,
    service_key integer not null,
    team_key integer,
    system_key integer,
    template_key integer,
    repository_key integer,
    repository_hash ubigint,
    is_retired boolean not null,
);

-- One row per repository of which a deployment has listed commits: there, unlisted means not deployed.
create table marts.listed_repository (repository_hash ubigint not null);

-- One row per deployment, with what became of it.
create table marts.deployment_outcome (
    deployment_hash ubigint not null,
    source varchar not null,
    id varchar not null,
    url varchar,
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
    source varchar not null,
    id varchar not null,
    url varchar,
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
    deployment_hash ubigint not null,
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
    source varchar not null,
    id varchar not null,
    url varchar,
    service varchar,
    service_key integer,
    team_key integer,
    system_key integer,
    environment_key integer,
    repository_key integer,
    template_key integer,
    opened_at timestamp not null,
    resolved_at timestamp,
);

-- The names of commits, for the rows behind a number.
create view marts.commit_name as
select revision_hash as subject, repository_hash, any_value(revision) as name, any_value(url) as url
from facts.commit
group by all;
