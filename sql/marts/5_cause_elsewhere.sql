-- Where an incident's own source does not have the deployment that it names as its cause, that of the only other that has it is meant.

insert into named_cause
with incident as (
    select * from naming_incident anti join named_cause on named_cause.incident_hash = naming_incident.fact_hash
),
cause as (
    select
        incident.fact_hash as incident_hash,
        arg_min(deployment.fact_hash, deployment.source != incident.source) as deployment_hash,
    from incident
    -- Every deployment of that name, also those that are not judged anew.
    join facts.deployment on deployment.id = incident.caused_by_deployment
    semi join production_environment on production_environment.environment = deployment.environment
    group by incident.fact_hash, incident.source
    having bool_or(deployment.source = incident.source) or count(*) = 1
)
select cause.*
from cause
semi join scoped_deployment on scoped_deployment.fact_hash = cause.deployment_hash;
