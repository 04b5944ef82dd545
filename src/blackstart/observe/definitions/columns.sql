-- Rank, not attnum: a dropped column leaves a gap, which no dump keeps. Columns of an inheriting table
-- have none: a restore puts the inherited ones first. The option pg_attver is the server's own note (from 17.12 on)
-- of where in its log a column was made; no dump has it.
SELECT r.name || '.' || quote_ident(a.attname) AS object, r.name AS "table",
       CASE WHEN r.relispartition OR NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = r.oid)
            THEN row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) END AS position,
       format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "not null",
       CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS "default",
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS generated,
       CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS "generated column",
       CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END AS identity,
       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,
       CASE WHEN a.attstorage <> t.typstorage
            THEN CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main'
                                   ELSE 'extended' END END AS storage,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       nullif(a.attstattarget, -1) AS "statistics target",
       (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) AS o WHERE o !~ '^pg_attver=') AS options,
       (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(a.attfdwoptions) AS o) AS "foreign options"
FROM relations r
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE r.relkind IN ('r', 'p', 'f', 'v', 'm')
