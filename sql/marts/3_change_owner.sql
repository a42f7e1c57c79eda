-- Whose a change is while it waits: the service the catalogue gives its repository to, else one that deploys from it.
create or replace temp table repository_owner as
select repository_hash, valid_from, min_by(columns('_key$'), service)
from (
    select repository_hash, valid_from, service, service_key, team_key, system_key, template_key
    from marts.service_history
    semi join waiting_change using (repository_hash)
    union all
    select
        deployment.repository_hash,
        timestamp '-infinity' as valid_from,
        deployment.service,
        name.key as service_key,
        min_by(history.team_key, history.valid_from) as team_key,
        min_by(history.system_key, history.valid_from) as system_key,
        min_by(history.template_key, history.valid_from) as template_key,
    from facts.deployment
    semi join (
        select repository_hash
        from waiting_change
        anti join marts.service_history using (repository_hash)
    ) as unowned using (repository_hash)
    join marts.name on name.name = deployment.service
    left join marts.service_history as history on history.service = deployment.service
    group by all
)
group by all;
