SELECT r.name || '.' || quote_ident(w.rulename) AS object, r.name AS "table", pg_get_ruledef(w.oid) AS rule,
       CASE w.ev_enabled WHEN 'D' THEN 'disabled' WHEN 'A' THEN 'always' WHEN 'R' THEN 'on replicas'
            ELSE 'enabled' END AS state
FROM relations r JOIN pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
