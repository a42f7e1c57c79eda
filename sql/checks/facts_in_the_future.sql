-- name = "facts_in_the_future"
-- title = "Facts from the future"
-- reads = [
--     "facts.deployment",
--     "facts.change",
--     "facts.commit",
--     "facts.incident",
--     "facts.ticket",
--     "facts.provisioning",
--     "facts.policy_block",
--     "facts.policy_result",
--     "facts.quota",
--     "facts.availability",
--     "meta.source_note",
-- ]
-- suffers_by_kind = true
-- fix = """
-- Set the clock, or the time zone, of the system that tells them: they are more than five minutes later than the
-- moment at which they were taken in. They are kept, and counted once their time has come.
-- """
-- One row per fact that happens at an instant; and per other kind of which a source's last run read some of a later time
-- than its own.
with told_at as (
    select 'deployment' as kind, id as subject, url, source, finished_at as happened_at, ingested_at
    from facts.deployment
    union all
    select 'change', id, url, source, merged_at, ingested_at
    from facts.change
    union all
    select 'commit', revision, url, source, committed_at, ingested_at
    from facts.commit
    union all
    select 'incident', id, url, source, opened_at, ingested_at
    from facts.incident
    union all
    select 'ticket', id, url, source, opened_at, ingested_at
    from facts.ticket
    union all
    select 'provisioning', id, url, source, requested_at, ingested_at
    from facts.provisioning
    union all
    select 'policy_block', id, url, source, "at", ingested_at
    from facts.policy_block
    union all
    select 'policy_result', policy || ' ' || service, url, source, "at", ingested_at
    from facts.policy_result
    union all
    select 'quota', team || ' ' || resource, url, source, "at", ingested_at
    from facts.quota
    union all
    select 'availability', component, url, source, "to", ingested_at
    from facts.availability
)
select
    subject,
    url,
    source,
    kind || ', taken in at ' || strftime(ingested_at, '%Y-%m-%d %H:%M') as detail,
    happened_at as seen_at,
    kind as kinds,
    1 as n,
    happened_at > least(ingested_at, moment.now) + interval 5 minutes as is_bad,
from told_at
cross join moment
union all
select
    what as subject,
    null as url,
    source,
    what || ', of a later time than the last run' as detail,
    noted_at as seen_at,
    what as kinds,
    n,
    true as is_bad,
from meta.source_note
where sort = 'in_future'
    and what not in (
        'deployment',
        'change',
        'commit',
        'incident',
        'ticket',
        'provisioning',
        'policy_block',
        'policy_result',
        'quota',
        'availability'
    )
