SELECT format('%s to %s', format_type(castsource, NULL), format_type(casttarget, NULL)) AS object,
       nullif(castfunc, 0)::regprocedure::text AS function,
       CASE castcontext WHEN 'i' THEN 'implicit' WHEN 'a' THEN 'assignment' ELSE 'explicit' END AS context,
       CASE castmethod WHEN 'i' THEN 'inout' WHEN 'b' THEN 'binary' ELSE 'function' END AS method
FROM pg_cast c
WHERE oid >= 16384 AND ('pg_cast'::regclass::oid, oid) NOT IN (SELECT classid, objid FROM of_extensions)
