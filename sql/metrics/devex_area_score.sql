-- name = "devex_area_score"
-- title = "DevEx by area"
-- group = "experience"
-- version = 1
-- unit = "share"
-- better = "higher"
-- shape = "event"
-- aggregate = "cell"
-- cell = "share"
-- dimensions = ["team", "wave", "area", "question"]
-- apart = { dimension = "area" }
-- reads = ["survey_cell"]
-- beside = [
--     { name = "answered_1", title = "Answered 1", unit = "", aggregate = "sum" },
--     { name = "answered_2", title = "Answered 2", unit = "", aggregate = "sum" },
--     { name = "answered_3", title = "Answered 3", unit = "", aggregate = "sum" },
--     { name = "answered_4", title = "Answered 4", unit = "", aggregate = "sum" },
--     { name = "answered_5", title = "Answered 5", unit = "", aggregate = "sum" },
--     { name = "response_rate", title = "Response rate", unit = "share", aggregate = "ratio" },
-- ]
-- definition = """
-- Share of those who answered 4 or 5 on a scale of 1 to 5, per area and wave of the survey. Beside it how many gave each
-- answer, and the response rate.
-- It is made of the cells that are published when a wave closes: one for each team and one for all. Cells of fewer than
-- 5 people are withheld, with those from which they could be worked out, and cells are never added together.
-- """
-- source = "https://queue.acm.org/detail.cfm?id=3595878"
-- One row per published or withheld cell of an area, at the closing of its wave.
select
    closed_at as observed_at,
    subject,
    null::varchar as url,
    team_key,
    wave,
    area,
    question,
    (coalesce(counts[5], 0) + coalesce(counts[6], 0))::double / n as value,
    [n - coalesce(counts[5], 0) - coalesce(counts[6], 0), coalesce(counts[5], 0) + coalesce(counts[6], 0)] as counts,
    invited,
    if(reason is null, coalesce(counts[2], 0), null) as answered_1,
    if(reason is null, coalesce(counts[3], 0), null) as answered_2,
    if(reason is null, coalesce(counts[4], 0), null) as answered_3,
    if(reason is null, coalesce(counts[5], 0), null) as answered_4,
    if(reason is null, coalesce(counts[6], 0), null) as answered_5,
    answered as response_rate_numerator,
    invited as response_rate_denominator,
    reason,
from marts.survey_cell
where question = 'area'
