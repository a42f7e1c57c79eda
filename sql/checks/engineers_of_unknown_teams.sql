-- name = "engineers_of_unknown_teams"
-- title = "Engineers of teams that the catalogue does not know"
-- reads = ["facts.engineer", "facts.team"]
-- suffers = [
--     "platform_leverage",
--     "platform_ticket_volume",
--     "time_to_first_deployment",
-- ]
-- fix = """
-- Add the team to the catalogue (`cairn import team`), or, where the same team has another name there, add a line
-- to the source's `teams` in cairn.toml that maps the name.
-- """
-- One row per team and source that engineers name; it stands for as many of them.
select
    team as subject,
    null as url,
    source,
    'engineers: ' || count(*) as detail,
    max(joined_at) as seen_at,
    count(*) as n,
    team not in (select name from facts.team) as is_bad,
from facts.engineer
where team is not null
group by team, source
