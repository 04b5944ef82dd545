-- What concerns the database as a whole, or the server: no dump of one database holds it, and no copy of a
-- database inherits it. Applied before `objects.sql` and to every copy again, so it says each thing in a way
-- that may be repeated. There is no subscription: a database that has one cannot be dropped.
SELECT 'CREATE ROLE ' || name FROM unnest(ARRAY['zoo_reader', 'zoo_writer', 'zoo_guest']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE zoo_reader LOGIN CONNECTION LIMIT 5 VALID UNTIL '2099-01-01 00:00:00+00' PASSWORD 'not-in-any-report';
ALTER ROLE zoo_writer NOINHERIT;
GRANT zoo_writer TO zoo_reader WITH ADMIN OPTION;
GRANT pg_monitor TO zoo_reader;
COMMENT ON ROLE zoo_reader IS 'looks on';
ALTER ROLE zoo_reader SET statement_timeout = '1h';
ALTER ROLE zoo_reader IN DATABASE shop SET work_mem = '8MB';
ALTER DATABASE shop SET random_page_cost = 1.5;
ALTER DATABASE shop CONNECTION LIMIT 200;
GRANT CREATE ON DATABASE shop TO zoo_writer;
REVOKE TEMPORARY ON DATABASE shop FROM public;
COMMENT ON DATABASE shop IS 'a shop with a zoo';
GRANT SET ON PARAMETER log_min_duration_statement TO zoo_writer;
ALTER SYSTEM SET log_lock_waits = on;
SELECT pg_reload_conf();
