-- name = "unmapped_names"
-- title = "Names that no line of a source's mapping matches"
-- metrics = ["deployment_frequency", "change_lead_time", "change_fail_rate", "deployment_rework_rate", "time_to_restore"]
-- fix = """
-- add the line shown to the [[source]] of that name in cairn.toml, then collect again
-- """
-- One row per name that a source told and that could not be mapped, or word that is not known.
select
    source,
    subject,
    noted_at as "at",
    case sort
        when 'unmapped' then format('{} times; add {}s = [{{ match = "{}", name = "..." }}]', n, what, subject)
        when 'unknown_word' then format('{} times; not a known {}', n, what)
        else format('{} times; refused', n)
    end as detail,
    true as is_bad,
from meta.source_note
where sort in ('unmapped', 'unknown_word', 'refused')
