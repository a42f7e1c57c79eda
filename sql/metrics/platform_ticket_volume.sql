-- name = "platform_ticket_volume"
-- title = "Tickets"
-- group = "experience"
-- version = 1
-- unit = "tickets per week"
-- better = "lower"
-- shape = "event"
-- aggregate = "rate"
-- dimensions = ["team", "queue", "kind", "category"]
-- per_days = 7
-- counts = "ticket"
-- reads = ["support_ticket", "ticket_exposure"]
-- beside = [
--     { name = "per_100_engineers", title = "Per week and 100 engineers", unit = "", aggregate = "ratio" },
--     { name = "answered_by_docs", title = "A document would have done", unit = "share", aggregate = "share" },
-- ]
-- definition = """
-- Tickets opened per week. Beside it: per week and 100 engineers, by the head counts of the teams that might have
-- asked, on the days on which tickets were told of (only for all tickets and by team); and of those tickets of which
-- it was noted, the share that a document should have answered.
-- """
-- source = "https://teamtopologies.com/key-concepts"
-- One row per ticket, and one per team and day for its head count.
select
    opened_at as observed_at,
    id as subject,
    url,
    team_key,
    queue,
    kind,
    category,
    1.0 as value,
    100.0 as per_100_engineers_numerator,
    0.0 as per_100_engineers_denominator,
    answered_by_docs,
    null as reason,
from marts.support_ticket
union all
select
    observed_at,
    null as subject,
    null as url,
    team_key,
    null as queue,
    null as kind,
    null as category,
    0.0 as value,
    0.0 as per_100_engineers_numerator,
    engineers / 7.0 as per_100_engineers_denominator,
    null as answered_by_docs,
    'beside' as reason,
from marts.ticket_exposure
