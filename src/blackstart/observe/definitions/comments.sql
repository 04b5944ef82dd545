SELECT 'on ' || o.type || ' ' || o.identity AS object, d.description AS text
FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) AS o
WHERE (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass AND d.objoid IN (SELECT oid FROM schemas))
  AND (d.classoid, d.objoid) NOT IN (SELECT classid, objid FROM of_extensions)
UNION ALL
SELECT CASE WHEN d.classoid = 'pg_database'::regclass THEN 'on the database'
            ELSE 'on role ' || quote_ident(pg_get_userbyid(d.objoid)) END, d.description
FROM pg_shdescription d
WHERE d.classoid = 'pg_database'::regclass
      AND d.objoid = (SELECT oid FROM pg_database WHERE datname = current_database())
   OR d.classoid = 'pg_authid'::regclass
