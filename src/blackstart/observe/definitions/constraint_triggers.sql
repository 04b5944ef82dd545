-- The triggers that enforce a constraint: without them it says that it is valid, and holds nothing.
-- A partition's own are called after the constraint that was declared; what is made from it has names at random.
SELECT format('%s on %s for %I', t.tgfoid::regproc, r.name, c.conname) AS object,
       string_agg(CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'A' THEN 'always' WHEN 'R' THEN 'on replicas'
                  ELSE 'enabled' END, ', ' ORDER BY t.tgenabled) AS state
FROM pg_trigger t
JOIN relations r ON r.oid = t.tgrelid
JOIN (
    WITH RECURSIVE roots AS (
        SELECT oid, oid AS root FROM pg_constraint WHERE conparentid = 0
        UNION ALL
        SELECT c.oid, r.root FROM pg_constraint c JOIN roots r ON r.oid = c.conparentid
    )
    SELECT oid, root FROM roots
) AS declared ON declared.oid = t.tgconstraint
JOIN pg_constraint c ON c.oid = declared.root
WHERE t.tgisinternal
GROUP BY t.tgfoid, r.name, c.conname
