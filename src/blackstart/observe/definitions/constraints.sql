-- What a foreign key on or to a partitioned table makes for each partition follows from it.
SELECT r.name || '.' || quote_ident(c.conname) AS object, r.name AS "table",
       CASE c.contype
           WHEN 'c' THEN NULL
           WHEN 'x' THEN 'EXCLUDE, operators ' ||
               (SELECT string_agg(o::regoperator::text, ', ' ORDER BY n)
                FROM unnest(c.conexclop) WITH ORDINALITY AS e(o, n))
           ELSE regexp_replace(pg_get_constraintdef(c.oid), '( NOT VALID| DEFERRABLE| INITIALLY DEFERRED)+$', '')
       END AS definition,
       CASE WHEN c.contype = 'c' THEN pg_get_expr(c.conbin, c.conrelid) END AS "check",
       c.contype = 'c' AND c.connoinherit AS "not inherited",
       NOT c.convalidated AS "not valid", c.condeferrable AS deferrable, c.condeferred AS "initially deferred"
FROM relations r JOIN pg_constraint c ON c.conrelid = r.oid
WHERE c.contype IN ('c', 'f', 'n', 'p', 'u', 'x') AND NOT (c.contype = 'f' AND c.conparentid <> 0)
