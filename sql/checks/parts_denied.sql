-- name = "parts_denied"
-- title = "Parts of a source that it did not give"
-- reads = ["meta.source_note", "meta.source_run"]
-- suffers_by_kind = true
-- fix = """
-- Give the token the permission that each row names, then `cairn collect NAME`: a part that was not given is read from
-- its begin once it is. Until then its facts are missing, which is not the same as none.
-- """
-- One row per part that was not given in a source's last run, and per source that was given all.
with part as (
    select
        note.source,
        note.subject,
        note.noted_at,
        -- A part that was never given is of a kind that the source never told, so the reason is asked for it.
        concat_ws(
            ',',
            told.kinds,
            if(starts_with(note.subject, 'the deployments '), 'deployment', null),
            if(starts_with(note.subject, 'the changes '), 'change', null),
            if(starts_with(note.subject, 'the commits '), 'commit', null),
            if(starts_with(note.subject, 'the incidents and tickets '), 'incident,ticket', null)
        ) as kinds,
    from meta.source_note as note
    left join told on told.source = note.source
    where note.sort = 'denied'
)
select
    source as subject,
    null as url,
    source,
    subject as detail,
    noted_at as seen_at,
    kinds,
    1 as n,
    true as is_bad,
from part
union all
select
    source as subject,
    null as url,
    source,
    null as detail,
    ended_at as seen_at,
    null as kinds,
    1 as n,
    false as is_bad,
from meta.source_run
where source not in (select source from part)
