-- name = "pushes_held"
-- title = "Pushes held until a begin is told"
-- reads = ["meta.inbox", "meta.delivery"]
-- suffers_by_kind = true
-- fix = """
-- Tell the begin that each of them ends: have the sender push openings too, or read the source once with `cairn
-- collect`. They are tried again by themselves when a begin comes.
-- """
-- One row per push in the inbox; and per source with the pushes already turned into facts.
select
    'push ' || inbox.number as subject,
    null as url,
    inbox.source,
    inbox.reason as detail,
    inbox.received_at as seen_at,
    told.kinds,
    1 as n,
    inbox.reason is not null and coalesce(inbox.is_held, false) as is_bad,
from meta.inbox as inbox
left join told on told.source = inbox.source
union all
select
    source as subject,
    null as url,
    source,
    null as detail,
    max(taken_at) as seen_at,
    null as kinds,
    count(*) as n,
    false as is_bad,
from meta.delivery
group by source
