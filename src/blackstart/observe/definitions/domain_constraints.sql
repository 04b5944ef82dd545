SELECT t.name || '.' || quote_ident(c.conname) AS object, format_type(t.typbasetype, t.typtypmod) AS type,
       pg_get_expr(c.conbin, 0) AS "check", NOT c.convalidated AS "not valid"
FROM types t JOIN pg_constraint c ON c.contypid = t.oid AND c.contype = 'c'
