-- comment = "Merged changes, with the deployment that first brought each into production."
-- columns = [
--     ["time", "instant", "When it was merged."],
--     ["id", "text", "Its identifier at its source."],
--     ["source", "text", "The source that told of it."],
--     ["service", "text", "The service it was delivered with."],
--     ["team", "text", "The team that owned the service then."],
--     ["system", "text", "The system the service belonged to then."],
--     ["environment", "text", "The environment it was first delivered to."],
--     ["repository", "text", "The repository."],
--     ["template", "text", "The template the service was made from."],
--     ["first_commit_at", "instant", "When its first commit was written."],
--     ["opened_at", "instant", "When it was opened for review."],
--     ["first_review_at", "instant", "When it was first reviewed."],
--     ["merged_at", "instant", "When it was merged."],
--     ["deployed_at", "instant", "When it reached production; null where it has not."],
--     ["matched_by", "text", "How its deployment is known: listed, topology or estimated; baseline where it was there before the first known one."],
--     ["is_bot", "truth", "Its author is a bot."],
--     ["is_revert", "truth", "It takes an earlier change back."],
--     ["url", "text", "Where the evidence can be looked at."],
-- ]
-- One row per change. Its author, title and reviewers are not published.
select
    merged_at as "time",
    told.name as id,
    told.source,
    service_name.name as service,
    team_name.name as team,
    system_name.name as "system",
    environment_name.name as environment,
    repository_name.name as repository,
    template_name.name as "template",
    first_commit_at,
    opened_at,
    first_review_at,
    merged_at,
    deployed_at,
    matched_by::varchar as matched_by,
    is_bot,
    is_revert,
    told.url,
from marts.change_delivery
left join marts.change_name as told on told.subject = change_hash
left join marts.name as service_name on service_name.key = service_key
left join marts.name as team_name on team_name.key = team_key
left join marts.name as system_name on system_name.key = system_key
left join marts.name as environment_name on environment_name.key = environment_key
left join marts.name as repository_name on repository_name.key = repository_key
left join marts.name as template_name on template_name.key = template_key
