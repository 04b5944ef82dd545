SELECT format('%s of %s', split_part(setting, '=', 1),
              CASE WHEN s.setrole = 0 AND s.setdatabase = 0 THEN 'all roles'
                   WHEN s.setrole = 0 THEN 'the database'
                   WHEN s.setdatabase = 0 THEN 'role ' || quote_ident(pg_get_userbyid(s.setrole))
                   ELSE 'role ' || quote_ident(pg_get_userbyid(s.setrole)) || ' in the database' END) AS object,
       CASE WHEN split_part(setting, '=', 1) ~* 'pass|secret|token|api_?key' THEN '(hidden)'
            ELSE substr(setting, strpos(setting, '=') + 1) END AS value
FROM pg_db_role_setting s, unnest(s.setconfig) AS setting
WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
