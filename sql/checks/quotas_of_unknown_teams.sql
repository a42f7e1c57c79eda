-- name = "quotas_of_unknown_teams"
-- title = "Quotas of teams that the catalogue does not know"
-- reads = ["facts.quota", "facts.team"]
-- suffers = [
--     "quota_utilisation",
-- ]
-- fix = """
-- Add the team to the catalogue (`cairn import team`), or, where the same team has another name there, add a line
-- to the source's `teams` in cairn.toml that maps the name.
-- """
-- One row per team and source that quotas name; it stands for as many of them.
select
    team as subject,
    null as url,
    source,
    'quotas: ' || count(*) as detail,
    max("at") as seen_at,
    count(*) as n,
    team not in (select name from facts.team) as is_bad,
from facts.quota
group by team, source
