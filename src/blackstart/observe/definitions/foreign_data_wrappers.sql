SELECT quote_ident(fdwname) AS object, pg_get_userbyid(fdwowner) AS owner,
       nullif(fdwhandler, 0)::regproc::text AS handler, nullif(fdwvalidator, 0)::regproc::text AS validator,
       (SELECT string_agg(regexp_replace(o, '^(\w*(?:pass|secret|token|key)\w*)=.*', '\1=(hidden)', 'i'),
                          ', ' ORDER BY o)
        FROM unnest(fdwoptions) AS o) AS options
FROM pg_foreign_data_wrapper
WHERE ('pg_foreign_data_wrapper'::regclass::oid, oid) NOT IN (SELECT classid, objid FROM of_extensions)
