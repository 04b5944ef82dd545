SELECT r.name AS object, i.indrelid::regclass::text AS "table", r.method, r.tablespace, r.options,
       (SELECT string_agg(pg_get_indexdef(r.oid, k, false), ', ' ORDER BY k)
        FROM generate_series(1, i.indnkeyatts) AS k) AS keys,
       (SELECT string_agg(pg_get_indexdef(r.oid, k, false), ', ' ORDER BY k)
        FROM generate_series(i.indnkeyatts + 1, i.indnatts) AS k) AS including,
       pg_get_expr(i.indpred, i.indrelid) AS "where",
       (SELECT string_agg(c.opcnamespace::regnamespace || '.' || quote_ident(c.opcname), ', ' ORDER BY n)
        FROM unnest(i.indclass::oid[]) WITH ORDINALITY AS o(class, n) JOIN pg_opclass c ON c.oid = class
       ) AS "operator classes",
       (SELECT string_agg(a.attnum || ': ' || o, ', ' ORDER BY a.attnum, o)
        FROM pg_attribute a, unnest(a.attoptions) AS o
        WHERE a.attrelid = r.oid AND o !~ '^pg_attver=') AS "operator class options",
       (SELECT string_agg(a.attnum || ': ' || a.attstattarget, ', ' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attstattarget >= 0) AS "statistics targets",
       (SELECT string_agg(nullif(c, 0)::regcollation::text, ', ' ORDER BY n)
        FROM unnest(i.indcollation::oid[]) WITH ORDINALITY AS o(c, n)) AS collations,
       (SELECT string_agg(CASE o & 3 WHEN 0 THEN 'asc' WHEN 1 THEN 'desc nulls last' WHEN 2 THEN 'asc nulls first'
                          ELSE 'desc' END, ', ' ORDER BY n)
        FROM unnest(i.indoption::int2[]) WITH ORDINALITY AS p(o, n)
        WHERE i.indoption::text ~ '[123]') AS ordering,
       i.indisunique AS "unique", i.indnullsnotdistinct AS "nulls not distinct", i.indisprimary AS "primary key",
       i.indisexclusion AS exclusion, NOT i.indimmediate AS deferrable, i.indisclustered AS clustered,
       i.indisreplident AS "replica identity",
       -- Of a partitioned table one is valid when each partition has its own; a dump does not leave it out.
       NOT i.indisvalid AND r.relkind = 'i' AS invalid, NOT i.indisvalid AND r.relkind = 'I' AS "not yet valid",
       NOT i.indisready AS "not ready", NOT i.indislive AS "being dropped",
       (SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = r.oid) AS "partition of"
FROM relations r JOIN pg_index i ON i.indexrelid = r.oid
