SELECT t.name AS object, t.owner, format_type(r.rngsubtype, NULL) AS "of",
       c.opcnamespace::regnamespace || '.' || quote_ident(c.opcname) AS "operator class",
       nullif(r.rngcollation, 0)::regcollation::text AS collation,
       nullif(r.rngcanonical, 0)::regproc::text AS canonical, nullif(r.rngsubdiff, 0)::regproc::text AS difference,
       format_type(r.rngmultitypid, NULL) AS multirange
FROM types t JOIN pg_range r ON r.rngtypid = t.oid JOIN pg_opclass c ON c.oid = r.rngsubopc
