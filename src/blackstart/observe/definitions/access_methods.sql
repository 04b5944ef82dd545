SELECT quote_ident(amname) AS object, amhandler::regproc::text AS handler, amtype AS type
FROM pg_am
WHERE oid >= 16384 AND ('pg_am'::regclass::oid, oid) NOT IN (SELECT classid, objid FROM of_extensions)
