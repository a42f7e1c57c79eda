-- name = "facts_refused"
-- title = "Facts that were refused"
-- reads = ["meta.source_note", "meta.source_run"]
-- suffers_by_kind = true
-- fix = """
-- Mend what each reason names at the source, and read it again: `cairn collect NAME --since DAY`. A refused fact
-- is in no figure.
-- """
-- One row per note of a source's last run, which stands for as often as it was met, and per source for the facts it
-- read.
select
    note.subject,
    null as url,
    note.source,
    'refused' as detail,
    note.noted_at as seen_at,
    told.kinds,
    note.n,
    true as is_bad,
from meta.source_note as note
left join told on told.source = note.source
where note.sort = 'refused'
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
