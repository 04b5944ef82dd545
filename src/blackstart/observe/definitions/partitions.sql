SELECT r.name AS object, i.inhparent::regclass::text AS "of",
       pg_get_expr(r.relpartbound, r.oid) AS bound, i.inhdetachpending AS "being detached"
FROM relations r JOIN pg_inherits i ON i.inhrelid = r.oid
WHERE r.relispartition AND r.relkind IN ('r', 'p', 'f')
