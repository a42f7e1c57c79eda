-- comment = "Teams and their history: a row is a version, which holds from valid_from until valid_until."
-- columns = [
--     ["team", "text", "The team."],
--     ["kind", "text", "product, platform or other."],
--     ["parent", "text", "The team or department it belongs to."],
--     ["engineers", "whole", "Its head count."],
--     ["valid_from", "instant", "From when on this holds."],
--     ["valid_until", "instant", "Until when it held; null where it still does."],
--     ["url", "text", "Where it can be read about."],
-- ]
-- One row per version of a team. Its members are not published.
select name as team, kind, parent, engineers, held_from as valid_from, held_until as valid_until, url,
from marts.team_state
