-- name = "names_unmapped"
-- title = "Names that no mapping knows"
-- reads = ["meta.source_note", "meta.source_run"]
-- suffers_by_kind = true
-- fix = """
-- Add the line that stands beside each name to the `[[source]]` of that name in cairn.toml, with the name that
-- your catalogue uses, and read the source again: `cairn collect NAME --since DAY`.
-- """
-- One row per note of a source's last run, which stands for as often as it was met, and per source for the facts it
-- read.
select
    note.subject,
    null as url,
    note.source,
    'add to [[source]] ' || note.source || ': ' || note.what || 's = [{ match = "' || note.subject
        || '", name = "..." }]' as detail,
    note.noted_at as seen_at,
    told.kinds,
    note.n,
    true as is_bad,
from meta.source_note as note
left join told on told.source = note.source
where note.sort = 'unmapped'
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
