-- name = "devex_score"
-- title = "DevEx score"
-- group = "experience"
-- version = 1
-- unit = "points of 10"
-- better = "higher"
-- shape = "event"
-- aggregate = "cell"
-- cell = "mean"
-- dimensions = ["team", "wave", "question"]
-- reads = ["survey_cell"]
-- beside = [
--     { name = "response_rate", title = "Response rate", unit = "share", aggregate = "ratio" },
-- ]
-- definition = """
-- Mean answer to the one question on a scale of 1 to 10, per wave of the survey. The interval is a bootstrap over people,
-- narrower the more of those who were asked answered. Beside it the response rate.
-- It is made of the cells that are published when a wave closes: one for each team and one for all. Cells of fewer than
-- 5 people are withheld, with those from which they could be worked out, and cells are never added together.
-- """
-- source = "https://queue.acm.org/detail.cfm?id=3595878"
-- One row per published or withheld cell of the overall question, at the closing of its wave.
select
    closed_at as observed_at,
    subject,
    null::varchar as url,
    team_key,
    wave,
    question,
    list_sum(list_transform(counts, lambda people, place: people * (place - 1)))::double / n as value,
    counts,
    invited,
    answered as response_rate_numerator,
    invited as response_rate_denominator,
    reason,
from marts.survey_cell
where question = 'overall'
