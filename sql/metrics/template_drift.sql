-- name = "template_drift"
-- title = "Services behind their template"
-- group = "platform health"
-- version = 1
-- unit = "share"
-- better = "lower"
-- shape = "state"
-- aggregate = "share"
-- dimensions = ["team", "service", "system", "template", "repository", "template_version"]
-- reads = ["template_use"]
-- beside = [
--     { name = "versions_behind", title = "Versions behind (median)", unit = "versions", aggregate = "median" },
--     { name = "version_age", title = "Age of the version (median)", unit = "seconds", aggregate = "age" },
-- ]
-- definition = """
-- Live services on a platform template whose version is not the newest seen of that template / live services on a
-- template with a known version, at the end of the bucket. A version is seen from its first use by any service on; of
-- two the one with the greater numbers is newer. Beside it: by how many versions they are behind, and how long ago
-- their version was first seen.
-- """
-- source = "https://backstage.io/docs/features/software-templates/"
-- One row per templated service and span of time in which the versions of its template stay the same.
select
    held_from,
    held_until,
    service as subject,
    null as url,
    columns('_key$'),
    template_version,
    n_versions_behind > 0 as value,
    n_versions_behind as versions_behind,
    first_seen_at as version_age,
    null as reason,
from marts.template_use
