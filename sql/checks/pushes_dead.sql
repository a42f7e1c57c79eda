-- name = "pushes_dead"
-- title = "Pushes that could not be read"
-- reads = ["meta.inbox", "meta.delivery"]
-- suffers_by_kind = true
-- fix = """
-- See `cairn inbox list`: mend the mapping or the sender, then `cairn inbox replay`, or drop them.
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
    inbox.reason is not null and not coalesce(inbox.is_held, false) as is_bad,
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
