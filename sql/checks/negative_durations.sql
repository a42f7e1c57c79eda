-- name = "negative_durations"
-- title = "Ends before their begins"
-- reads = ["facts.deployment", "facts.exemption", "facts.incident", "facts.provisioning", "facts.ticket", "marts.change_delivery", "marts.change_name"]
-- suffers_by_kind = true
-- fix = """
-- Mend the times at the source, and look at the clocks of the machines that write them: a commit's time is that of
-- the author's machine. What ends before it begins has no duration and is left out of medians.
-- """
-- One row per thing of which a begin and an end are told.
select
    id as subject,
    url,
    source,
    'finished before it was started' as detail,
    finished_at as seen_at,
    'deployment' as kinds,
    1 as n,
    finished_at < started_at as is_bad,
from facts.deployment
where started_at is not null
union all
select
    named.name as subject,
    named.url,
    named.source,
    case
        when deployed_at < first_commit_at then 'deployed before its first commit'
        when merged_at < opened_at then 'merged before it was opened'
        else 'merged before its first commit'
    end as detail,
    merged_at as seen_at,
    'change' as kinds,
    1 as n,
    coalesce(deployed_at < first_commit_at, false)
        or coalesce(merged_at < opened_at, false)
        or coalesce(merged_at < first_commit_at, false) as is_bad,
from marts.change_delivery as change
join marts.change_name as named on named.subject = change.change_hash
where not is_bot and (opened_at is not null or first_commit_at is not null)
union all
select
    id as subject,
    url,
    source,
    'resolved before it was opened' as detail,
    opened_at as seen_at,
    'incident' as kinds,
    1 as n,
    resolved_at < opened_at as is_bad,
from facts.incident
where resolved_at is not null
union all
select
    id as subject,
    url,
    source,
    'answered or resolved before it was opened' as detail,
    opened_at as seen_at,
    'ticket' as kinds,
    1 as n,
    coalesce(resolved_at < opened_at, false) or coalesce(first_response_at < opened_at, false) as is_bad,
from facts.ticket
where first_response_at is not null or resolved_at is not null
union all
select
    id as subject,
    url,
    source,
    'ready before it was requested' as detail,
    requested_at as seen_at,
    'provisioning' as kinds,
    1 as n,
    ready_at < requested_at as is_bad,
from facts.provisioning
where ready_at is not null
union all
select
    id as subject,
    url,
    source,
    'decided before it was requested' as detail,
    requested_at as seen_at,
    'exemption' as kinds,
    1 as n,
    decided_at < requested_at as is_bad,
from facts.exemption
where decided_at is not null
