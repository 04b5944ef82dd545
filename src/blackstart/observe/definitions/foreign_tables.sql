SELECT r.name AS object, r.owner, quote_ident(s.srvname) AS server,
       (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(t.ftoptions) AS o) AS options
FROM relations r JOIN pg_foreign_table t ON t.ftrelid = r.oid JOIN pg_foreign_server s ON s.oid = t.ftserver
