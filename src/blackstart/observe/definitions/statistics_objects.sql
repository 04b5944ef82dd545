SELECT format('%s.%I', s.stxnamespace::regnamespace, s.stxname) AS object, pg_get_userbyid(s.stxowner) AS owner,
       s.stxrelid::regclass::text AS "table", pg_get_statisticsobjdef_columns(s.oid) AS columns,
       (SELECT string_agg(k::text, ', ' ORDER BY k::text) FROM unnest(s.stxkind) AS k) AS kinds,
       nullif(s.stxstattarget, -1) AS target
FROM pg_statistic_ext s
WHERE s.stxnamespace IN (SELECT oid FROM schemas)
  AND ('pg_statistic_ext'::regclass::oid, s.oid) NOT IN (SELECT classid, objid FROM of_extensions)
