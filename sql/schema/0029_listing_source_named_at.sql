-- Sources that list what they deploy, of those that tell of deployments.
create table marts.listing_source (source varchar not null);

-- When the last of the incidents was opened that name the deployment as their cause.
alter table marts.deployment_outcome add column named_at timestamp;

-- What was there before the first deployment that is known and what remedied what is found by other rules than before: the rules
-- are forgotten, so that the store makes its marts anew.
delete from marts.rule;
