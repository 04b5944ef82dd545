SELECT quote_ident(s.srvname) AS object, pg_get_userbyid(s.srvowner) AS owner, quote_ident(w.fdwname) AS wrapper,
       s.srvtype AS type, s.srvversion AS version,
       (SELECT string_agg(regexp_replace(o, '^(\w*(?:pass|secret|token|key)\w*)=.*', '\1=(hidden)', 'i'),
                          ', ' ORDER BY o)
        FROM unnest(s.srvoptions) AS o) AS options
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE ('pg_foreign_server'::regclass::oid, s.oid) NOT IN (SELECT classid, objid FROM of_extensions)
