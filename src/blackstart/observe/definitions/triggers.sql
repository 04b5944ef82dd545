SELECT r.name || '.' || quote_ident(t.tgname) AS object, r.name AS "table",
       regexp_replace(d.definition, ' WHEN \(.*\) EXECUTE ', ' EXECUTE ') AS definition,
       substring(d.definition FROM ' WHEN \((.*)\) EXECUTE ') AS "when",
       CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'A' THEN 'always' WHEN 'R' THEN 'on replicas'
            ELSE 'enabled' END AS state
FROM relations r
JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal,
     LATERAL (SELECT pg_get_triggerdef(t.oid) AS definition) d
