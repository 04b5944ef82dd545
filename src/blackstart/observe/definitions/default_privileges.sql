SELECT format('on %s of %s%s to %s',
              CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                   WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE d.defaclobjtype::text END,
              quote_ident(pg_get_userbyid(d.defaclrole)),
              ' in schema ' || nullif(d.defaclnamespace, 0)::regnamespace,
              CASE a.grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(a.grantee)) END) AS object,
       string_agg(DISTINCT a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ', ') AS privileges
FROM pg_default_acl d, aclexplode(d.defaclacl) AS a
GROUP BY 1
