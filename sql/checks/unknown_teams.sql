-- name = "unknown_teams"
-- title = "Teams that are told of and not known"
-- metrics = ["self_service_rate", "time_to_provision", "quota_utilisation", "platform_ticket_volume", "time_to_first_deployment"]
-- fix = """
-- tell them as `team` facts, or map the source's name for them in its [[source]] table
-- """
-- One row per team that provisioning, quotas, tickets or engineers name, by source.
with named as (
    select source, team, max(requested_at) as "at" from facts.provisioning group by source, team
    union all
    select source, team, max("at") as "at" from facts.quota group by source, team
    union all
    select source, team, max(opened_at) as "at" from facts.ticket where team is not null group by source, team
    union all
    select source, team, max(joined_at) as "at" from facts.engineer where team is not null group by source, team
)
select
    named.source,
    named.team as subject,
    max(named."at") as "at",
    'no `team` fact has this name' as detail,
    max(known.name) is null as is_bad,
from named
left join (select distinct name from facts.team) as known on known.name = named.team
group by named.source, named.team
