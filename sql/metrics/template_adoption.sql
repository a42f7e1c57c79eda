-- name = "template_adoption"
-- title = "Template adoption"
-- group = "platform health"
-- version = 1
-- unit = "share"
-- better = "higher"
-- shape = "state"
-- aggregate = "share"
-- dimensions = ["team", "service", "system", "template", "repository", "kind", "lifecycle", "template_version"]
-- left_out = ["a library is no service", "no source tells of templates"]
-- reads = ["service_state"]
-- definition = """
-- Live services that were made from a platform template, or moved onto one / live services that could be, at the end
-- of the bucket. Libraries and documentation could not. By template and template version it tells how the services are
-- spread.
-- """
-- source = "https://backstage.io/docs/features/software-templates/"
-- One row per version of a live service, held until the next.
select
    held_from,
    held_until,
    service as subject,
    null as url,
    columns('_key$'),
    kind,
    lifecycle,
    template_version,
    template_key is not null as value,
    case
        when kind in ('library', 'documentation') then 'a library is no service'
        when not is_any_template_told then 'no source tells of templates'
    end as reason,
from marts.service_state
