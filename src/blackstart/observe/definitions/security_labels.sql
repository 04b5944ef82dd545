SELECT 'on ' || o.type || ' ' || o.identity || ' by ' || l.provider AS object, l.label
FROM pg_seclabel l, pg_identify_object(l.classoid, l.objoid, l.objsubid) AS o
UNION ALL
SELECT CASE WHEN l.classoid = 'pg_database'::regclass THEN 'on the database'
            ELSE 'on role ' || quote_ident(pg_get_userbyid(l.objoid)) END || ' by ' || l.provider, l.label
FROM pg_shseclabel l
WHERE l.classoid = 'pg_database'::regclass
      AND l.objoid = (SELECT oid FROM pg_database WHERE datname = current_database())
   OR l.classoid = 'pg_authid'::regclass
