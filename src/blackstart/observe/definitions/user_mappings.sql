SELECT format('%s at %I', CASE m.umuser WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(m.umuser)) END, s.srvname)
           AS object,
       (SELECT string_agg(regexp_replace(o, '^(\w*(?:pass|secret|token|key)\w*)=.*', '\1=(hidden)', 'i'),
                          ', ' ORDER BY o)
        FROM unnest(m.umoptions) AS o) AS options
FROM pg_user_mapping m JOIN pg_foreign_server s ON s.oid = m.umserver
