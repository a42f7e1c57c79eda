-- name = "future_times"
-- title = "Times that lie in the future"
-- metrics = ["deployment_frequency", "change_lead_time", "time_to_restore", "platform_ticket_volume"]
-- fix = """
-- see whose clock is ahead, or which system tells planned things as done; they are kept, and count when their time has come
-- """
-- One row per deployment, change, incident and ticket.
select source, id as subject, finished_at as "at", 'a deployment' as detail, finished_at > {now} as is_bad
from facts.deployment
union all
select source, id, merged_at, 'a change', merged_at > {now}
from facts.change
union all
select source, id, opened_at, 'an incident', opened_at > {now}
from facts.incident
union all
select source, id, opened_at, 'a ticket', opened_at > {now}
from facts.ticket
