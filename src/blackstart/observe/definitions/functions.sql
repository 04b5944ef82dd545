-- Procedures and window functions too; what aggregates have beside this is in a file of their own.
SELECT f.name AS object, f.owner, l.lanname AS language,
       CASE f.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window function' END AS kind,
       pg_get_function_arguments(f.oid) AS arguments, pg_get_function_result(f.oid) AS returns,
       CASE WHEN f.prosqlbody IS NULL THEN f.prosrc END AS body, pg_get_function_sqlbody(f.oid) AS "sql body",
       f.probin AS library,
       CASE f.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
       CASE f.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel,
       f.proisstrict AS strict, f.prosecdef AS "security definer", f.proleakproof AS leakproof,
       f.procost AS cost, nullif(f.prorows, 0) AS rows, nullif(f.prosupport, 0)::regproc::text AS support,
       (SELECT string_agg(s, ', ' ORDER BY s) FROM unnest(f.proconfig) AS s) AS settings
FROM functions f JOIN pg_language l ON l.oid = f.prolang
