-- name = "self_service_rate"
-- title = "Self-service rate"
-- group = "platform health"
-- version = 1
-- unit = "share"
-- better = "higher"
-- shape = "event"
-- aggregate = "share"
-- thresholds = { good = 0.9, poor = 0.75 }
-- dimensions = ["team", "service", "system", "environment", "kind", "approval"]
-- reads = ["provisioning_request"]
-- beside = [
--     { name = "untouched", title = "Without anybody's approval", unit = "share", aggregate = "share" },
-- ]
-- definition = """
-- Requests for infrastructure that were fulfilled by self-service, without the platform team / all that were
-- fulfilled, at the time they became ready. Beside it the share that needed nobody at all: self-service, and no
-- approval required. The usual goal is 90 %.
-- """
-- source = "https://tag-app-delivery.cncf.io/whitepapers/platform-eng-maturity-model/"
-- One row per request that was fulfilled, at the time it was ready.
select
    ready_at as observed_at,
    id as subject,
    url,
    columns('_key$'),
    kind,
    approval,
    channel = 'self_service' as value,
    channel = 'self_service' and approval is distinct from 'with approval' as untouched,
    null as reason,
from marts.provisioning_request
where ready_at is not null and result is distinct from 'failed' and result is distinct from 'cancelled'
