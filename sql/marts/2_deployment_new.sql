-- Only what the batch brought is placed, and nothing that stands: see `apart::is_apart`.

create or replace temp view deployment_in_scope as from delta_deployment;
