-- The deployments that may contain a change, by their rank, and how that was found: the more certain way where two find the
-- same. One number, since the least of numbers is found faster than the least of pairs.
create or replace temp table candidate as
select placed_change.fact_hash, listing.rank * 4::bigint + 1 as choice
from listing
join placed_change on placed_change.merge_revision_hash = listing.revision_hash
where coalesce(listing.repository_hash, placed_change.repository_hash) = placed_change.repository_hash;
