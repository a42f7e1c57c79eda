-- Changes that were there before the first deployment that is known are marked as `baseline` in `matched_by`.

-- The rules are forgotten, so that the store makes its marts anew.
delete from marts.rule;
