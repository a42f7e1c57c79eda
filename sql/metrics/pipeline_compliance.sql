-- name = "pipeline_compliance"
-- title = "Services on an approved pipeline"
-- group = "platform health"
-- version = 1
-- unit = "share"
-- better = "higher"
-- shape = "state"
-- aggregate = "share"
-- thresholds = { good = 0.95, poor = 0.8 }
-- dimensions = ["team", "service", "system", "template", "repository", "kind", "lifecycle", "pipeline", "pipeline_version"]
-- left_out = ["no source tells of pipelines"]
-- reads = ["service_state"]
-- definition = """
-- Live services whose pipeline is an approved reusable one (pipelines.approved; unless configured, one that several
-- services use) / live services, at the end of the bucket. A service of which no pipeline is known uses none. By
-- pipeline and version it tells how the services are spread.
-- """
-- source = "https://docs.github.com/en/actions/using-workflows/reusing-workflows"
-- One row per version of a live service, held until the next.
select
    held_from,
    held_until,
    service as subject,
    null as url,
    columns('_key$'),
    kind,
    lifecycle,
    pipeline,
    pipeline_version,
    is_on_approved_pipeline as value,
    if(is_any_pipeline_told, null, 'no source tells of pipelines') as reason,
from marts.service_state
