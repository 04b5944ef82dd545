-- Undoes what is the server's of `database.sql`; the databases in which its roles own anything are gone by now.
ALTER SYSTEM RESET log_lock_waits;
SELECT pg_reload_conf();
REVOKE SET ON PARAMETER log_min_duration_statement FROM zoo_writer;
DROP ROLE IF EXISTS zoo_reader, zoo_writer, zoo_guest;
