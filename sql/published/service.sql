-- comment = "Services and their history: a row is a version, which holds from valid_from until valid_until. Of those that the catalogue does not know little more than the name."
-- columns = [
--     ["service", "text", "The service."],
--     ["team", "text", "The team that owns it."],
--     ["system", "text", "The system it belongs to."],
--     ["kind", "text", "What it is."],
--     ["lifecycle", "text", "Where it is in its life."],
--     ["repository", "text", "Its repository."],
--     ["template", "text", "The template it was made from."],
--     ["template_version", "text", "The template's version."],
--     ["pipeline", "text", "The pipeline it is built by."],
--     ["pipeline_version", "text", "The pipeline's version."],
--     ["is_on_approved_pipeline", "truth", "The pipeline is one that counts as compliant."],
--     ["valid_from", "instant", "From when on this holds."],
--     ["valid_until", "instant", "Until when it held; null where it still does."],
-- ]
-- One row per version of a live service, and one of each that only deployments and incidents name.
select
    service,
    team_name.name as team,
    system_name.name as "system",
    kind,
    lifecycle,
    repository_name.name as repository,
    template_name.name as "template",
    template_version,
    pipeline,
    pipeline_version,
    is_on_approved_pipeline,
    held_from as valid_from,
    held_until as valid_until,
from marts.service_state
left join marts.name as team_name on team_name.key = team_key
left join marts.name as system_name on system_name.key = system_key
left join marts.name as repository_name on repository_name.key = repository_key
left join marts.name as template_name on template_name.key = template_key
union all by name
select name.name as service, min(named.at) as valid_from, null::timestamp as valid_until
from (
    select service_key, finished_at as at from marts.deployment_outcome
    union all
    select service_key, opened_at as at from marts.incident_outcome
) as named
join marts.name on name.key = named.service_key
anti join marts.service_history as history on history.service_key = named.service_key
group by name.name
