-- Goes before every query: what is neither PostgreSQL's own nor an extension's.
WITH of_extensions AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), schemas AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relations AS (
    SELECT c.*, c.oid::regclass::text AS name, pg_get_userbyid(c.relowner) AS owner,
           (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) AS o) AS options,
           (SELECT spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
           (SELECT amname FROM pg_am am WHERE am.oid = c.relam) AS method
    FROM pg_class c
    WHERE c.relnamespace IN (SELECT oid FROM schemas)
      AND ('pg_class'::regclass::oid, c.oid) NOT IN (SELECT classid, objid FROM of_extensions)
), functions AS (
    SELECT p.*, p.oid::regprocedure::text AS name, pg_get_userbyid(p.proowner) AS owner
    FROM pg_proc p
    WHERE p.pronamespace IN (SELECT oid FROM schemas)
      AND ('pg_proc'::regclass::oid, p.oid) NOT IN (SELECT classid, objid FROM of_extensions)
      -- What a type makes for itself (the constructors of a range) comes and goes with it.
      AND ('pg_proc'::regclass::oid, p.oid) NOT IN (SELECT classid, objid FROM pg_depend WHERE deptype = 'i')
), types AS (
    SELECT t.*, format_type(t.oid, NULL) AS name, pg_get_userbyid(t.typowner) AS owner
    FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.typnamespace IN (SELECT oid FROM schemas)
      AND ('pg_type'::regclass::oid, t.oid) NOT IN (SELECT classid, objid FROM of_extensions)
      AND (t.typrelid = 0 OR c.relkind = 'c')  -- a table's row type is the table's
      AND t.typcategory <> 'A' AND t.typtype <> 'm'  -- nor have arrays and multiranges a life of their own
)
