SELECT c.oid::regcollation::text AS object, pg_get_userbyid(c.collowner) AS owner,
       CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END AS provider,
       c.collcollate AS collate, c.collctype AS ctype, to_jsonb(c) ->> 'collicurules' AS rules,
       coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale') AS locale,
       NOT c.collisdeterministic AS "not deterministic",
       CASE WHEN c.collversion IS DISTINCT FROM pg_collation_actual_version(c.oid)
            THEN format('recorded %s, the library has %s', c.collversion, pg_collation_actual_version(c.oid))
       END AS "version mismatch"
FROM pg_collation c
WHERE c.collnamespace IN (SELECT oid FROM schemas)
  AND ('pg_collation'::regclass::oid, c.oid) NOT IN (SELECT classid, objid FROM of_extensions)
