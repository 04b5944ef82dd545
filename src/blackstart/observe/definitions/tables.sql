SELECT r.name AS object, r.owner,
       CASE r.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence,
       r.method AS "access method", r.tablespace, r.options, toast.options AS "toast options",
       CASE r.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' END AS "replica identity",
       r.relrowsecurity AS "row security", r.relforcerowsecurity AS "row security forced",
       (SELECT string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
        FROM pg_inherits WHERE inhrelid = r.oid AND NOT r.relispartition) AS inherits,
       pg_get_partkeydef(r.oid) AS "partition key",
       nullif(r.reloftype, 0)::regtype::text AS "of type"
FROM relations r
LEFT JOIN LATERAL (
    SELECT string_agg(o, ', ' ORDER BY o) AS options FROM pg_class t, unnest(t.reloptions) AS o
    WHERE t.oid = r.reltoastrelid
) toast ON true
WHERE r.relkind IN ('r', 'p')
