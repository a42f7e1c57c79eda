-- What was told of sources that are not read was told by pushes.
update meta.source_note set is_pushed = true where source not in (select source from meta.source_run);
