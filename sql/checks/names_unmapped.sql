-- name = "names_unmapped"
-- title = "Names that no mapping knows"
-- reads = ["meta.source_note", "meta.source_run"]
-- suffers_by_kind = true
-- fix = """
-- Put the line that stands beside each name into the list that it says, in cairn.toml, with the name that your
-- catalogue uses in place of the dots, and read the source again: `cairn collect NAME --since DAY`.
-- """
-- One row per note of a source's last run, which stands for as often as it was met, and per source for the facts it
-- read.
select
    note.subject,
    null as url,
    note.source,
    'put { match = "' || note.subject || '", name = "..." } into the list `' || note.what || 's` of [[source]] '
        || note.source as detail,
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
