-- Its name and where it lies are not its own: a restore goes into another one, which is renamed.
SELECT 'the database' AS object, pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding,
       datcollate AS collate, datctype AS ctype,
       CASE datlocprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END AS provider,
       CASE WHEN datlocprovider <> 'c'
            THEN coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') END AS locale,
       to_jsonb(d) ->> 'daticurules' AS "icu rules",
       CASE WHEN datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)
            THEN format('recorded %s, the library has %s', datcollversion, pg_database_collation_actual_version(oid))
       END AS "collation version mismatch",
       nullif(datconnlimit, -1) AS "connection limit", datistemplate AS template
FROM pg_database d WHERE datname = current_database()
