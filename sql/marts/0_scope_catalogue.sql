-- Whose a repository is has changed for all times.

insert into touched_repository
select old_repository_hash, timestamp '-infinity' from delta_service
union all
-- A version that comes between others moves the begin or end of those, and so the owners of their repositories.
select history.repository_hash, timestamp '-infinity'
from marts.service_history as history
join delta_service on delta_service.name = history.service;
