-- Whether there is a password, never what it is: its hash is salted anew each time.
SELECT quote_ident(rolname) AS object, rolsuper AS superuser, NOT rolinherit AS "inherits nothing",
       rolcreaterole AS "creates roles", rolcreatedb AS "creates databases", rolcanlogin AS "may log in",
       rolreplication AS replication, rolbypassrls AS "bypasses row security",
       nullif(rolconnlimit, -1) AS "connection limit", rolpassword IS NOT NULL AS password,
       rolvaliduntil AS "valid until"
FROM pg_authid WHERE rolname !~ '^pg_'
