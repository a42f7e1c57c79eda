-- name = "employee_nps"
-- title = "Employee net promoter score"
-- group = "experience"
-- version = 1
-- unit = "points"
-- better = "higher"
-- shape = "event"
-- aggregate = "cell"
-- cell = "net"
-- dimensions = ["team", "wave", "question"]
-- reads = ["survey_cell"]
-- beside = [
--     { name = "response_rate", title = "Response rate", unit = "share", aggregate = "ratio" },
-- ]
-- definition = """
-- Those who answered 9 or 10 minus those who answered 0 to 6, on a scale of 0 to 10, in points of 100, per wave of the
-- survey. The standard error is the root of (P + D - (P - D)^2) / n. Beside it the response rate.
-- It is made of the cells that are published when a wave closes: one for each team and one for all. Cells of fewer than
-- 5 people are withheld, with those from which they could be worked out, and cells are never added together.
-- """
-- source = "https://hbr.org/2003/12/the-one-number-you-need-to-grow"
-- One row per published or withheld cell of the question whether one recommends working here.
select
    closed_at as observed_at,
    subject,
    null::varchar as url,
    team_key,
    wave,
    question,
    (coalesce(list_sum(counts[10:11]), 0) - coalesce(list_sum(counts[1:7]), 0))::double / n * 100 as value,
    counts,
    invited,
    answered as response_rate_numerator,
    invited as response_rate_denominator,
    reason,
from marts.survey_cell
where question = 'recommend'
