-- name = "ticket_resolution"
-- title = "Time to resolve a ticket"
-- group = "experience"
-- version = 2
-- unit = "seconds"
-- better = "lower"
-- shape = "event"
-- aggregate = "survival"
-- dimensions = ["team", "queue", "kind", "category"]
-- reads = ["support_ticket"]
-- definition = """
-- For each ticket: from when it was opened until it was done. Those still waiting count with the time so far (Kaplan
-- and Meier's median).
-- """
-- source = "https://teamtopologies.com/key-concepts"
-- One row per ticket, at the time it was opened.
select
    opened_at as observed_at,
    id as subject,
    url,
    columns('_key$'),
    queue,
    kind,
    category,
    -- What is to end later is open.
    date_sub('second', opened_at, least(resolved_at, {now})) as value,
    resolved_at is null or resolved_at > {now} as is_open,
    case
        when resolved_at < opened_at then 'ended before it was opened'
    end as reason,
from marts.support_ticket
