SELECT name AS object, owner, format_type(typbasetype, typtypmod) AS type, typnotnull AS "not null",
       pg_get_expr(typdefaultbin, 0) AS "default",
       CASE WHEN typcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = t.typbasetype)
            THEN typcollation::regcollation::text END AS collation
FROM types t WHERE typtype = 'd'
