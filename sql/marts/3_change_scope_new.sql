-- None that are placed stood before.

create or replace temp view change_in_scope as from delta_change;
