-- name = "kinds_never_told"
-- title = "Kinds of fact that nothing has told of"
-- reads = ["meta.source_span"]
-- suffers_by_kind = true
-- fix = """
-- Configure a source that tells them (docs/sources.md), or import a file: `cairn import KIND FILE`; `cairn import
-- KIND --columns` shows its columns. What your platform does not do needs no facts.
-- """
-- One row per kind of fact that a metric needs.
with wanted as (
    select unnest([
        'availability',
        'change',
        'commit',
        'cost',
        'deployment',
        'engineer',
        'exemption',
        'incident',
        'policy_block',
        'policy_result',
        'provisioning',
        'quota',
        'service',
        'team',
        'ticket',
        'time_saving',
    ]) as kind
)
select
    kind as subject,
    null as url,
    null as source,
    'cairn import ' || kind || ' FILE' as detail,
    null::timestamp as seen_at,
    kind as kinds,
    1 as n,
    kind not in (select kind from meta.source_span) as is_bad,
from wanted
