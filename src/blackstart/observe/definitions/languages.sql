SELECT quote_ident(lanname) AS object, pg_get_userbyid(lanowner) AS owner, lanpltrusted AS trusted,
       lanplcallfoid::regproc::text AS handler
FROM pg_language
WHERE oid >= 16384 AND ('pg_language'::regclass::oid, oid) NOT IN (SELECT classid, objid FROM of_extensions)
