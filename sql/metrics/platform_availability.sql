-- name = "platform_availability"
-- title = "Platform availability"
-- group = "platform health"
-- version = 1
-- unit = "share"
-- better = "higher"
-- shape = "event"
-- aggregate = "ratio"
-- thresholds = { good = 0.999, poor = 0.99 }
-- dimensions = ["component"]
-- reads = ["component_availability"]
-- beside = [
--     { name = "error_budget_left", title = "Error budget left", unit = "share", aggregate = "ratio" },
-- ]
-- definition = """
-- Seconds up / seconds measured of the platform's components; several components weigh by the time measured. Beside
-- it: the share of the error budget that is left, which is the time that a component may be down under the configured
-- objective (availability.objective, 99.9 % unless configured); below 0 it is overdrawn.
-- """
-- source = "https://sre.google/workbook/error-budget-policy/"
-- One row per measured span of a component, at its begin.
select
    observed_at,
    id as subject,
    url,
    component,
    up_seconds as numerator,
    measured_seconds as denominator,
    if(reason is null, (1 - {availability_objective}) * measured_seconds - (measured_seconds - up_seconds), null)
        as error_budget_left_numerator,
    if(reason is null, (1 - {availability_objective}) * measured_seconds, null) as error_budget_left_denominator,
    reason,
from (
    select
        *,
        case
            when ended_at <= observed_at then 'ends before it begins'
            when up_seconds > measured_seconds or up_seconds < 0 then 'up for longer than it was measured'
        end as reason,
    from marts.component_availability
)
