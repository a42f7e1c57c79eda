-- name = "words_unknown"
-- title = "Words that no kind of fact knows"
-- reads = ["meta.source_note", "meta.source_run"]
-- suffers_by_kind = true
-- fix = """
-- Have the source say one of the known words: `cairn import KIND --columns` lists them. The word was left out, and
-- the rest of the fact was taken.
-- """
-- One row per note of a source's last run and of its pushes, which stands for as often as it was met, and per source for
-- the facts it read.
select
    note.subject,
    null as url,
    note.source,
    'no known ' || note.what as detail,
    note.noted_at as seen_at,
    told.kinds,
    note.n,
    true as is_bad,
from meta.source_note as note
left join told on told.source = note.source
where note.sort = 'unknown_word'
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
