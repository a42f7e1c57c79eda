-- name = "late_sources"
-- title = "Sources that are late"
-- metrics = ["deployment_frequency", "change_lead_time", "change_fail_rate", "failed_deployment_recovery_time", "deployment_rework_rate", "time_to_restore", "undeployed_changes"]
-- fix = """
-- see what `cairn check` says of the source, or ask who pushes; until then its last days look emptier than they were
-- """
-- One row per source; late is one whose last run failed, or that has told nothing for two weeks.
with told as (
    select source, max(last_at) as last_at
    from meta.source_span
    where last_at <= {now}
    group by source
),
source as (
    select
        coalesce(told.source, source_run.source) as source,
        told.last_at,
        source_run.error,
    from told
    full join meta.source_run on source_run.source = told.source
)
select
    source,
    source as subject,
    last_at as "at",
    if(
        error is not null,
        'its last run stopped: ' || error,
        'the last that it told of was on ' || strftime(last_at, '%Y-%m-%d')
    ) as detail,
    error is not null or coalesce(last_at < {now} - interval 14 days, false) as is_bad,
from source
