-- No list at all means what PostgreSQL grants by itself; written out, both are the same. A star: may grant it on.
SELECT format('on %s to %s', g.what,
              CASE a.grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(a.grantee)) END) AS object,
       string_agg(DISTINCT a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ', ') AS privileges
FROM (
    SELECT CASE relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || name AS what,
           coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)) AS acl
    FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'column ' || r.name || '.' || quote_ident(a.attname), a.attacl
    FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    SELECT 'schema ' || quote_ident(nspname), coalesce(nspacl, acldefault('n', nspowner)) FROM schemas
    UNION ALL
    SELECT 'function ' || name, coalesce(proacl, acldefault('f', proowner)) FROM functions
    UNION ALL
    SELECT 'type ' || name, coalesce(typacl, acldefault('T', typowner)) FROM types
    UNION ALL
    SELECT 'language ' || quote_ident(lanname), coalesce(lanacl, acldefault('l', lanowner))
    FROM pg_language WHERE lanpltrusted
    UNION ALL
    SELECT 'the database', coalesce(datacl, acldefault('d', datdba)) FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'large object ' || oid, coalesce(lomacl, acldefault('L', lomowner)) FROM pg_largeobject_metadata
    UNION ALL
    SELECT 'foreign data wrapper ' || quote_ident(fdwname), coalesce(fdwacl, acldefault('F', fdwowner))
    FROM pg_foreign_data_wrapper
    UNION ALL
    SELECT 'foreign server ' || quote_ident(srvname), coalesce(srvacl, acldefault('S', srvowner)) FROM pg_foreign_server
    UNION ALL
    SELECT 'parameter ' || parname, paracl FROM pg_parameter_acl
) AS g, aclexplode(g.acl) AS a
GROUP BY 1
