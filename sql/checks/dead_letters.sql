-- name = "dead_letters"
-- title = "Pushes that could not be turned into facts"
-- metrics = ["deployment_frequency", "change_fail_rate", "failed_deployment_recovery_time", "time_to_restore"]
-- fix = """
-- mend what the reason says, then `cairn inbox replay`; or `cairn inbox drop`
-- """
-- One row per push in the inbox; bad is one with a reason why it is no fact.
select
    source,
    delivery as subject,
    received_at as "at",
    coalesce(reason, 'waits for its turn') as detail,
    reason is not null as is_bad,
from meta.inbox
