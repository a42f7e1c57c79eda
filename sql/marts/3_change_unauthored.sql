-- Where a change does not say when its first commit was written, its commits may.

update placed_change set first_commit_at = authored.first_commit_at
from (
    select unauthored.fact_hash, min(commit.authored_at) as first_commit_at
    from (select fact_hash from placed_change where first_commit_at is null) as unauthored
    join facts.change using (fact_hash)
    join facts.commit
        on commit.source = change.source
        and commit.change_id = change.id
        and commit.repository_hash = change.repository_hash
    group by all
) as authored
where authored.fact_hash = placed_change.fact_hash;
