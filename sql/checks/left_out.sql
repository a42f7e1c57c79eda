-- name = "left_out"
-- title = "What sources told and was left out"
-- reads = ["meta.source_note", "meta.source_run"]
-- suffers_by_kind = true
-- fix = """
-- Each reason says what was left out and why: mend it at the source where it is odd there. What is read, read again with
-- `cairn collect NAME --since DAY`; of what is only pushed, have the system send it once more, or tell the facts with
-- `cairn import`. What a source cannot give stays out; the figures are without it.
-- """
-- One row per note of a source's last run, and per note of its pushes, which stands for as often as it was met, and per
-- source for the facts it read.
select
    note.subject,
    null as url,
    note.source,
    case when note.is_pushed then 'left out of pushes' else 'left out' end as detail,
    note.noted_at as seen_at,
    told.kinds,
    note.n,
    true as is_bad,
from meta.source_note as note
left join told on told.source = note.source
where note.sort = 'left_out'
union all
select
    source as subject,
    null as url,
    source,
    null as detail,
    ended_at as seen_at,
    null as kinds,
    facts as n,
    false as is_bad,
from meta.source_run
where facts > 0
