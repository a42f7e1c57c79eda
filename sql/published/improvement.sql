-- comment = "Platform improvements, and their arrival at teams and services."
-- columns = [
--     ["time", "instant", "When it came, or arrived there."],
--     ["id", "text", "Its identifier at its source."],
--     ["source", "text", "The source that told of it."],
--     ["name", "text", "The improvement."],
--     ["team", "text", "The team it arrived at; null where it is only announced."],
--     ["service", "text", "The service it arrived at."],
--     ["url", "text", "Where it can be read about."],
-- ]
-- One row per improvement, or per its arrival at one team or service.
select "at" as "time", id, source, name, team, service, url,
from facts.improvement
