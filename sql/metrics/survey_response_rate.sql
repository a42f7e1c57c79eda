-- name = "survey_response_rate"
-- title = "Survey response rate"
-- group = "experience"
-- version = 1
-- unit = "share"
-- better = "higher"
-- shape = "event"
-- aggregate = "cell"
-- cell = "share"
-- dimensions = ["team", "wave"]
-- reads = ["survey_cell"]
-- definition = """
-- People who answered / people who were asked, per wave of the survey.
-- It is made of the cells that are published when a wave closes: one for each team and one for all. Cells of fewer than
-- 5 people are withheld, with those from which they could be worked out, and cells are never added together.
-- """
-- source = "https://aapor.org/standards-and-ethics/standard-definitions/"
-- One row per published or withheld cell of who answered at all, at the closing of its wave.
select
    closed_at as observed_at,
    subject,
    null::varchar as url,
    team_key,
    wave,
    answered::double / invited as value,
    counts,
    invited,
    reason,
from marts.survey_cell
where question = 'response'
