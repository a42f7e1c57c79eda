-- name = "tickets_of_unknown_teams"
-- title = "Tickets of teams that the catalogue does not know"
-- reads = ["facts.ticket", "facts.team"]
-- suffers = [
--     "platform_ticket_volume",
--     "ticket_first_response",
--     "ticket_resolution",
-- ]
-- fix = """
-- Add the team to the catalogue (`cairn import team`), or, where the same team has another name there, add a line
-- to the source's `teams` in cairn.toml that maps the name.
-- """
-- One row per team and source that tickets name; it stands for as many of them.
select
    team as subject,
    null as url,
    source,
    'tickets: ' || count(*) as detail,
    max(opened_at) as seen_at,
    count(*) as n,
    team not in (select name from facts.team) as is_bad,
from facts.ticket
where team is not null
group by team, source
