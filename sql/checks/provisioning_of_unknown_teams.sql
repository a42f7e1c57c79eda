-- name = "provisioning_of_unknown_teams"
-- title = "Provisioning for teams that the catalogue does not know"
-- reads = ["facts.provisioning", "facts.team"]
-- suffers = [
--     "self_service_rate",
--     "time_to_provision",
-- ]
-- fix = """
-- Add the team to the catalogue (`cairn import team`), or, where the same team has another name there, add a line
-- to the source's `teams` in cairn.toml that maps the name.
-- """
-- One row per team and source that requests name; it stands for as many of them.
select
    team as subject,
    null as url,
    source,
    'requests: ' || count(*) as detail,
    max(requested_at) as seen_at,
    count(*) as n,
    team not in (select name from facts.team) as is_bad,
from facts.provisioning
group by team, source
