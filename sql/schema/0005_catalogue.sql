-- What the metrics of the platform's health, of experience and of business read. Views over facts are always current
-- and need no refresh; only what a view would be too slow for is a table. The rules are forgotten, so that the store
-- makes its marts anew when it is opened.

alter table marts.service_history add column known_from timestamp;
alter table marts.service_history add column kind varchar;
alter table marts.service_history add column lifecycle varchar;
alter table marts.service_history add column template_version varchar;
alter table marts.service_history add column pipeline varchar;
alter table marts.service_history add column pipeline_version varchar;
delete from marts.rule;

-- One row per policy and service and span of time in which one result, and one owner, held. Of several sources what was
-- told last counts. A retired service has none; one that the catalogue does not know has no owner.
create table marts.policy_state (
    policy varchar not null,
    service varchar not null,
    service_key integer,
    team_key integer,
    system_key integer,
    template_key integer,
    repository_key integer,
    held_from timestamp not null,
    held_until timestamp,
    result varchar not null,
    layer varchar,
    severity varchar,
    url varchar,
);

-- One row per version of a live service, held from when it was told until the next. Where the rules approve no pipeline,
-- one that several services have used is a reusable one and counts.
create view marts.service_state as
with rule as (
    select value as pattern from marts.rule where name = 'approved_pipeline'
),
approved as (
    select distinct history.pipeline
    from marts.service_history as history
    join rule on history.pipeline glob rule.pattern
    union
    select history.pipeline
    from marts.service_history as history
    where (select count(*) from rule) = 0
    group by history.pipeline
    having count(distinct history.service) > 1
)
select
    history.service,
    history.service_key,
    history.team_key,
    history.system_key,
    history.template_key,
    history.repository_key,
    history.known_from as held_from,
    nullif(history.valid_until, timestamp 'infinity') as held_until,
    history.kind,
    history.lifecycle,
    history.template_version,
    history.pipeline,
    history.pipeline_version,
    approved.pipeline is not null as is_on_approved_pipeline,
    (select count(known.pipeline) from marts.service_history as known) > 0 as is_any_pipeline_told,
    (select count(known.template_key) from marts.service_history as known) > 0 as is_any_template_told,
from marts.service_history as history
left join approved on approved.pipeline = history.pipeline
where not history.is_retired;

-- One row per live service on a template and span of time in which the versions seen of that template stay the same. A
-- version is as old as its first use; of two the one with the greater numbers is the newer.
create view marts.template_use as
with version as (
    select
        template_key,
        template_version,
        list_transform(regexp_extract_all(template_version, '[0-9]+'), lambda digits: digits::hugeint) as place,
        min(known_from) as first_seen_at,
    from marts.service_history
    where template_key is not null and template_version is not null
    group by template_key, template_version
),
moment as (
    select
        template_key,
        first_seen_at as seen_from,
        coalesce(
            lead(first_seen_at) over (partition by template_key order by first_seen_at),
            timestamp 'infinity'
        ) as seen_until,
    from (select distinct template_key, first_seen_at from version)
),
standing as (
    select
        moment.template_key,
        moment.seen_from,
        moment.seen_until,
        own.template_version,
        own.first_seen_at,
        count(newer.template_version) as n_versions_behind,
    from moment
    join version as own on own.template_key = moment.template_key and own.first_seen_at <= moment.seen_from
    left join version as newer
        on newer.template_key = own.template_key
        and newer.place > own.place
        and newer.first_seen_at <= moment.seen_from
    group by all
)
select
    history.service,
    history.service_key,
    history.team_key,
    history.system_key,
    history.template_key,
    history.repository_key,
    greatest(history.known_from, standing.seen_from) as held_from,
    nullif(least(history.valid_until, standing.seen_until), timestamp 'infinity') as held_until,
    history.template_version,
    standing.first_seen_at,
    standing.n_versions_behind,
from marts.service_history as history
join standing
    on standing.template_key = history.template_key
    and standing.template_version = history.template_version
    and standing.seen_from < history.valid_until
    and standing.seen_until > history.known_from
where not history.is_retired;

-- One row per violation that was stopped. Its team is the one told, else the owner of its service then.
create view marts.policy_stop as
select
    block."at" as observed_at,
    block.id,
    block.url,
    service_name.key as service_key,
    coalesce(team_name.key, history.team_key) as team_key,
    history.system_key,
    block.policy,
    block.layer,
    block.severity,
from facts.policy_block as block
left join marts.name as service_name on service_name.name = block.service
left join marts.name as team_name on team_name.name = block.team
asof left join marts.service_history as history
    on history.service = block.service and history.valid_from <= block."at";

-- One row per request to be exempt. Its team is the one told, else the owner of its service then.
create view marts.exemption_request as
select
    exemption.id,
    exemption.url,
    exemption.policy,
    exemption.service,
    exemption.requested_at,
    exemption.decided_at,
    exemption.decision,
    exemption.expires_at,
    service_name.key as service_key,
    coalesce(team_name.key, history.team_key) as team_key,
    history.system_key,
from facts.exemption as exemption
left join marts.name as service_name on service_name.name = exemption.service
left join marts.name as team_name on team_name.name = exemption.team
asof left join marts.service_history as history
    on history.service = exemption.service and history.valid_from <= exemption.requested_at;

-- One row per granted exemption while it is in force, and per span of time after its end in which its service still
-- passes for exempt: up to the next exemption of the same service from the same policy.
create view marts.open_exemption as
with granted as (
    select
        *,
        coalesce(
            lead(decided_at) over (partition by policy, service order by decided_at, id),
            timestamp 'infinity'
        ) as replaced_at,
    from marts.exemption_request
    where decision = 'granted' and decided_at is not null
)
select
    id,
    url,
    policy,
    service_key,
    team_key,
    system_key,
    decided_at as held_from,
    expires_at as held_until,
    'in force' as validity,
from granted
where expires_at is null or expires_at > decided_at
union all
select
    granted.id,
    granted.url,
    granted.policy,
    granted.service_key,
    policy_state.team_key,
    policy_state.system_key,
    greatest(granted.expires_at, policy_state.held_from) as held_from,
    nullif(
        least(coalesce(policy_state.held_until, timestamp 'infinity'), granted.replaced_at),
        timestamp 'infinity'
    ) as held_until,
    'expired' as validity,
from granted
join marts.policy_state
    on policy_state.policy = granted.policy
    and policy_state.service = granted.service
    and policy_state.result = 'exempt'
    and policy_state.held_from < granted.replaced_at
    and coalesce(policy_state.held_until, timestamp 'infinity') > granted.expires_at
where granted.replaced_at > granted.expires_at;

-- One row per measured span of a component.
create view marts.component_availability as
select
    component || ' ' || strftime("from", '%Y-%m-%dT%H:%M:%SZ') as id,
    url,
    component,
    "from" as observed_at,
    "to" as ended_at,
    date_diff('microsecond', "from", "to") / 1e6 as measured_seconds,
    up_seconds,
from facts.availability;

-- One row per quota of a team, as it was told, held until it was told again; with the growth of its use over the four
-- weeks before, by least squares.
create view marts.quota_state as
with told as (
    select
        *,
        lead("at") over own as held_until,
        regr_slope(used, epoch("at") / 86400.0) over (
            partition by team, environment, resource
            order by "at" range between interval 28 days preceding and current row
        ) as used_per_day,
    from facts.quota
    window own as (partition by team, environment, resource order by "at", source)
)
select
    told.team || ' ' || told.environment || ' ' || told.resource as id,
    told.url,
    team_name.key as team_key,
    environment_name.key as environment_key,
    told.resource,
    told."at" as held_from,
    told.held_until,
    told.used,
    told.quota_limit,
    case
        when told.used >= told.quota_limit then 0.0
        when told.used_per_day > 0 then (told.quota_limit - told.used) / told.used_per_day
    end as days_to_exhaustion,
from told
left join marts.name as team_name on team_name.name = told.team
left join marts.name as environment_name on environment_name.name = told.environment;

-- One row per version of a team, held from when it was told until the next.
create view marts.team_state as
select
    team.name,
    team.url,
    team_name.key as team_key,
    team.kind,
    team.parent,
    team.engineers,
    team.valid_from as held_from,
    lead(team.valid_from) over (partition by team.name order by team.valid_from, team.source) as held_until,
from facts.team
left join marts.name as team_name on team_name.name = team.name;

-- One row per request for infrastructure. Its system is that of its service then.
create view marts.provisioning_request as
select
    provisioning.id,
    provisioning.url,
    service_name.key as service_key,
    team_name.key as team_key,
    history.system_key,
    environment_name.key as environment_key,
    provisioning.kind,
    provisioning.channel,
    case provisioning.approval_required when true then 'with approval' when false then 'without approval' end as approval,
    provisioning.requested_at,
    provisioning.approved_at,
    provisioning.ready_at,
    provisioning.result,
from facts.provisioning
left join marts.name as service_name on service_name.name = provisioning.service
left join marts.name as team_name on team_name.name = provisioning.team
left join marts.name as environment_name on environment_name.name = provisioning.environment
asof left join marts.service_history as history
    on history.service = provisioning.service and history.valid_from <= provisioning.requested_at;

-- One row per ticket; its team is the one that asked.
create view marts.support_ticket as
select
    ticket.id,
    ticket.url,
    team_name.key as team_key,
    ticket.queue,
    ticket.kind,
    ticket.category,
    ticket.opened_at,
    ticket.first_response_at,
    ticket.resolved_at,
    ticket.answered_by_docs,
from facts.ticket
left join marts.name as team_name on team_name.name = ticket.team;

-- One row per team and day, at noon, on which tickets were told of: how many engineers might have opened one.
create view marts.ticket_exposure as
with day as (
    select unnest(
        generate_series(
            (select date_trunc('day', min(opened_at)) from facts.ticket),
            (select max(opened_at) from facts.ticket),
            interval 1 day
        )
    ) + interval 12 hours as observed_at
)
select day.observed_at, team_state.team_key, team_state.engineers,
from day
join marts.team_state
    on team_state.held_from <= day.observed_at
    and (team_state.held_until is null or team_state.held_until > day.observed_at)
where team_state.engineers is not null;

-- One row per engineer: when they joined and when first a deployment succeeded that they triggered, in any environment,
-- or that brought a change of theirs into production. It carries nobody's name: who it is, is nobody's business.
create view marts.engineer_start as
with engineer as (
    select
        id,
        min(joined_at) as joined_at,
        arg_min(team, joined_at) as team,
        max(left_at) as left_at,
    from facts.engineer
    group by id
),
triggered as (
    select engineer.id, min(deployment.finished_at) as first_at
    from engineer
    join facts.deployment on deployment.actor = engineer.id and deployment.finished_at >= engineer.joined_at
    where deployment.result = 'success'
    group by engineer.id
),
changed as (
    select engineer.id, min(change_delivery.deployed_at) as first_at
    from engineer
    join facts.change on change.author = engineer.id
    join marts.change_delivery on change_delivery.change_hash = change.fact_hash
    where change_delivery.deployed_at >= engineer.joined_at
    group by engineer.id
)
select
    team_name.key as team_key,
    engineer.joined_at,
    engineer.left_at,
    least(triggered.first_at, changed.first_at) as first_deployed_at,
    (select min(finished_at) from facts.deployment) as known_from,
from engineer
left join triggered on triggered.id = engineer.id
left join changed on changed.id = engineer.id
left join marts.name as team_name on team_name.name = engineer.team;

-- One row per saving of time that was measured or said.
create view marts.time_saved as
select
    time_saving.id,
    time_saving.url,
    team_name.key as team_key,
    time_saving.capability,
    coalesce(time_saving.basis, 'not told') as basis,
    time_saving."at" as observed_at,
    time_saving.hours * time_saving.occurrences as hours,
from facts.time_saving
left join marts.name as team_name on team_name.name = time_saving.team;

-- One row per team, resource, service and day. A day is the reporting zone's, whichever that is, and noon in UTC falls
-- into it nearly everywhere.
create view marts.platform_expense as
select
    cost.team || ' ' || cost.resource || ' ' || cost.day as id,
    cost.url,
    team_name.key as team_key,
    service_name.key as service_key,
    cost.resource,
    cost.currency,
    cost.day::timestamp + interval 12 hours as observed_at,
    cost.amount,
    coalesce(team_state.kind = 'platform', false) as is_of_platform,
from facts.cost
left join marts.name as team_name on team_name.name = cost.team
left join marts.name as service_name on service_name.name = cost.service
asof left join marts.team_state
    on team_state.name = cost.team and team_state.held_from <= cost.day::timestamp + interval 12 hours;
