SELECT quote_ident(nspname) AS object, pg_get_userbyid(nspowner) AS owner
FROM schemas
WHERE ('pg_namespace'::regclass::oid, oid) NOT IN (SELECT classid, objid FROM of_extensions)
