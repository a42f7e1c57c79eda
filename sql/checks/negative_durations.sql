-- name = "negative_durations"
-- title = "Times that run backwards"
-- metrics = ["change_lead_time", "time_to_restore", "ticket_resolution", "ticket_first_response", "time_to_provision"]
-- fix = """
-- see whose clock is wrong, or which column holds another time than its name says; these rows count for no duration
-- """
-- One row per thing with a begin and an end.
select
    source,
    id as subject,
    deployed_at as "at",
    'a change deployed before its first commit' as detail,
    deployed_at < first_commit_at as is_bad,
from marts.change_delivery
where deployed_at is not null and first_commit_at is not null
union all
select source, id, resolved_at, 'an incident resolved before it was opened', resolved_at < opened_at
from facts.incident
where resolved_at is not null
union all
select
    source,
    id,
    coalesce(resolved_at, first_response_at),
    'a ticket answered or resolved before it was opened',
    coalesce(resolved_at < opened_at, false) or coalesce(first_response_at < opened_at, false),
from facts.ticket
where resolved_at is not null or first_response_at is not null
union all
select source, id, ready_at, 'ready before it was requested', ready_at < requested_at
from facts.provisioning
where ready_at is not null
