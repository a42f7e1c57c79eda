-- The facts, one table per kind of the intake format. Times are UTC. No keys and no indexes: rows are merged by
-- `fact_hash`, the 64-bit hash of source and identity; the other `*_hash` columns let large tables join on integers.
-- People are keyed hashes, bots stand in clear as `bot:name`.

create schema facts;
create schema marts;
create schema meta;

-- The migrations applied so far.
create table meta.schema_version (version integer not null, applied_at timestamp not null);

-- One run that brought, or tried to bring, a revision of a service into an environment.
create table facts.deployment (
    source varchar not null,
    id varchar not null,
    service varchar not null,
    environment varchar not null,
    finished_at timestamp not null,
    result varchar not null,
    started_at timestamp,
    revision varchar,
    previous_revision varchar,
    repository varchar,
    kind varchar not null,
    actor varchar,
    url varchar,
    fact_hash ubigint not null,
    revision_hash ubigint,
    repository_hash ubigint,
    ingested_at timestamp not null,
);

-- A merged pull request or a direct commit on the trunk.
create table facts.change (
    source varchar not null,
    id varchar not null,
    repository varchar not null,
    merged_at timestamp not null,
    merge_revision varchar,
    first_commit_at timestamp,
    opened_at timestamp,
    first_review_at timestamp,
    approved_at timestamp,
    author varchar,
    additions bigint,
    deletions bigint,
    reverts varchar,
    title varchar,
    url varchar,
    fact_hash ubigint not null,
    merge_revision_hash ubigint,
    repository_hash ubigint,
    ingested_at timestamp not null,
);

-- A commit that is not a merge.
create table facts.commit (
    source varchar not null,
    revision varchar not null,
    repository varchar not null,
    authored_at timestamp not null,
    committed_at timestamp not null,
    change_id varchar,
    url varchar,
    fact_hash ubigint not null,
    revision_hash ubigint,
    repository_hash ubigint,
    ingested_at timestamp not null,
);

-- The deployment brought this commit into the environment for the first time.
create table facts.deployed_commit (
    source varchar not null,
    deployment_id varchar not null,
    revision varchar not null,
    repository varchar,
    url varchar,
    fact_hash ubigint not null,
    deployment_hash ubigint,
    revision_hash ubigint,
    repository_hash ubigint,
    ingested_at timestamp not null,
);

-- A disturbance that users noticed.
create table facts.incident (
    source varchar not null,
    id varchar not null,
    opened_at timestamp not null,
    service varchar,
    acknowledged_at timestamp,
    resolved_at timestamp,
    severity varchar,
    caused_by_deployment varchar,
    title varchar,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- A request, question or bug that somebody brought to a team.
create table facts.ticket (
    source varchar not null,
    id varchar not null,
    queue varchar not null,
    opened_at timestamp not null,
    kind varchar,
    category varchar,
    team varchar,
    first_response_at timestamp,
    resolved_at timestamp,
    answered_by_docs boolean,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- A catalogue entry as it is from `valid_from` on; a later row ends the earlier one.
create table facts.service (
    source varchar not null,
    name varchar not null,
    valid_from timestamp not null,
    team varchar,
    system varchar,
    lifecycle varchar,
    kind varchar,
    repository varchar,
    template varchar,
    template_version varchar,
    pipeline varchar,
    pipeline_version varchar,
    retired boolean,
    url varchar,
    fact_hash ubigint not null,
    repository_hash ubigint,
    ingested_at timestamp not null,
);

-- A team as it is from `valid_from` on; a later row ends the earlier one.
create table facts.team (
    source varchar not null,
    name varchar not null,
    valid_from timestamp not null,
    kind varchar not null,
    engineers bigint,
    parent varchar,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- An engineer's time with the company.
create table facts.engineer (
    source varchar not null,
    id varchar not null,
    joined_at timestamp not null,
    team varchar,
    left_at timestamp,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- A request for infrastructure.
create table facts.provisioning (
    source varchar not null,
    id varchar not null,
    kind varchar not null,
    environment varchar not null,
    team varchar not null,
    channel varchar not null,
    requested_at timestamp not null,
    service varchar,
    approval_required boolean,
    approved_at timestamp,
    ready_at timestamp,
    result varchar,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- What a policy found on a service, as it is from `at` on.
create table facts.policy_result (
    source varchar not null,
    policy varchar not null,
    service varchar not null,
    "at" timestamp not null,
    result varchar not null,
    layer varchar,
    severity varchar,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- A violation stopped before it was deployed.
create table facts.policy_block (
    source varchar not null,
    id varchar not null,
    policy varchar not null,
    "at" timestamp not null,
    layer varchar not null,
    service varchar,
    team varchar,
    severity varchar,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- A request to be exempt from a policy.
create table facts.exemption (
    source varchar not null,
    id varchar not null,
    policy varchar not null,
    requested_at timestamp not null,
    service varchar,
    team varchar,
    decided_at timestamp,
    decision varchar,
    expires_at timestamp,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- A team's quota and its use, as they are from `at` on.
create table facts.quota (
    source varchar not null,
    team varchar not null,
    environment varchar not null,
    resource varchar not null,
    "at" timestamp not null,
    quota_limit double not null,
    used double not null,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- How long a platform component was up within a span of time.
create table facts.availability (
    source varchar not null,
    component varchar not null,
    "from" timestamp not null,
    "to" timestamp not null,
    up_seconds double not null,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- A platform improvement, or its arrival at one team or service.
create table facts.improvement (
    source varchar not null,
    id varchar not null,
    name varchar not null,
    "at" timestamp not null,
    team varchar,
    service varchar,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- What a team's use of a resource cost on a day.
create table facts.cost (
    source varchar not null,
    team varchar not null,
    resource varchar not null,
    day date not null,
    amount double not null,
    currency varchar not null,
    service varchar,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);

-- A measured or surveyed saving of engineers' time.
create table facts.time_saving (
    source varchar not null,
    id varchar not null,
    capability varchar not null,
    "at" timestamp not null,
    hours double not null,
    occurrences bigint not null,
    team varchar,
    basis varchar,
    url varchar,
    fact_hash ubigint not null,
    ingested_at timestamp not null,
);
