-- From when to when the sources told of the kinds of fact that the value model reads.
-- One row per kind.
select kind, min(first_at) as first_at, max(least(last_at, written_at)) as last_at,
from meta.source_span
where kind in ('time_saving', 'policy_block', 'cost')
group by kind
order by kind
