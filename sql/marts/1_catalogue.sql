-- The catalogue's history: one row per version of a service. Small, so it is always made whole.

delete from marts.service_history;

insert into marts.service_history
with version as (
    select * from facts.service
    -- Two sources that tell of the same service and instant: the one first in the alphabet is heard.
    qualify row_number() over (partition by name, valid_from order by source) = 1
)
select
    version.name as service,
    if(lag(version.valid_from) over history is null, timestamp '-infinity', version.valid_from) as valid_from,
    coalesce(lead(version.valid_from) over history, timestamp 'infinity') as valid_until,
    service_name.key as service_key,
    team_name.key as team_key,
    system_name.key as system_key,
    template_name.key as template_key,
    repository_name.key as repository_key,
    version.repository_hash,
    coalesce(version.retired, false) as is_retired,
from version
join marts.name as service_name on service_name.name = version.name
left join marts.name as team_name on team_name.name = version.team
left join marts.name as system_name on system_name.name = version.system
left join marts.name as template_name on template_name.name = version.template
left join marts.name as repository_name on repository_name.name = version.repository
window history as (partition by version.name order by version.valid_from);
