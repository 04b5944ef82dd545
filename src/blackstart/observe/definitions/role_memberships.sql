SELECT format('%I in %I', m.rolname, g.rolname) AS object, bool_or(a.admin_option) AS admin,
       bool_or((to_jsonb(a) ->> 'inherit_option')::boolean) AS inherits,
       bool_or((to_jsonb(a) ->> 'set_option')::boolean) AS "may set role"
FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
WHERE m.rolname !~ '^pg_'
GROUP BY 1
