-- Which commits are placed anew, where all that stand of the listed ones were looked at when the batch was compared with them.

create or replace temp table commit_in_scope as
select revision_hash, repository_hash, authored_at from near_commit
union all
select revision_hash, repository_hash, authored_at from delta_commit;
