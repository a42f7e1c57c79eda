-- What a PostgreSQL client shows its knowledge of a token against, as PostgreSQL itself keeps it:
-- SCRAM-SHA-256$iterations:salt$stored key:server key. The token cannot be found from it. Tokens that were made before have
-- none and are to be made anew.
alter table meta.token add column scram_verifier varchar;
