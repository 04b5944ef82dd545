SELECT format('%I publishes %s', p.pubname, r.prrelid::regclass) AS object, r.prrelid::regclass::text AS "table",
       (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname)
        FROM pg_attribute WHERE attrelid = r.prrelid AND attnum = ANY (r.prattrs)) AS columns,
       pg_get_expr(r.prqual, r.prrelid) AS "where"
FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
