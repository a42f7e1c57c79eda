-- How a change's deployment is known is one of a few words: compared as a number, not as a text, for each of millions of changes.
alter table marts.change_delivery
alter column matched_by set data type enum('listed', 'topology', 'estimated', 'baseline');
