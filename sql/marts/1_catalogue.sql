-- The catalogue's history: one row per version of a service. Small, so it is always made whole.
--
-- Several sources may tell of one service, each of its own part: of each column the value that was told last counts, and
-- what a source leaves open takes nothing from another. What a source tells first also stands for the time before, behind
-- all that was told for that time.

delete from marts.service_history;

insert into marts.service_history
with instant as (
    select distinct name, valid_from as moment from facts.service
),
span as (
    select
        *,
        lead(valid_from) over own as until,
        row_number() over own = 1 as is_first,
    from facts.service
    window own as (partition by source, name order by valid_from)
),
told as (
    select
        instant.name,
        instant.moment,
        span.* exclude (name),
        row_number() over (
            partition by instant.name, instant.moment
            order by if(span.valid_from <= instant.moment, span.valid_from, timestamp '-infinity'), span.source desc
        ) as place,
    from instant
    join span
        on span.name = instant.name
        and (span.valid_from <= instant.moment or span.is_first)
        and (span.until is null or span.until > instant.moment)
),
version as (
    select
        name,
        moment as valid_from,
        max_by(team, place) filter (where team is not null) as team,
        max_by(system, place) filter (where system is not null) as system,
        max_by(template, place) filter (where template is not null) as template,
        max_by(template_version, place) filter (where template_version is not null) as template_version,
        max_by(kind, place) filter (where kind is not null) as kind,
        max_by(lifecycle, place) filter (where lifecycle is not null) as lifecycle,
        max_by(pipeline, place) filter (where pipeline is not null) as pipeline,
        max_by(pipeline_version, place) filter (where pipeline_version is not null) as pipeline_version,
        max_by(repository, place) filter (where repository is not null) as repository,
        max_by(repository_hash, place) filter (where repository is not null) as repository_hash,
        max_by(retired, place) filter (where retired is not null) as retired,
    from told
    group by name, moment
)
select
    version.name as service,
    if(lag(version.valid_from) over history is null, timestamp '-infinity', version.valid_from) as valid_from,
    coalesce(lead(version.valid_from) over history, timestamp 'infinity') as valid_until,
    service_name.key as service_key,
    team_name.key as team_key,
    system_name.key as system_key,
    template_name.key as template_key,
    repository_name.key as repository_key,
    version.repository_hash,
    coalesce(version.retired, false) as is_retired,
    version.valid_from as known_from,
    version.kind,
    version.lifecycle,
    version.template_version,
    version.pipeline,
    version.pipeline_version,
from version
join marts.name as service_name on service_name.name = version.name
left join marts.name as team_name on team_name.name = version.team
left join marts.name as system_name on system_name.name = version.system
left join marts.name as template_name on template_name.name = version.template
left join marts.name as repository_name on repository_name.name = version.repository
window history as (partition by version.name order by version.valid_from);
