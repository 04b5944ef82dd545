SELECT format('%s.%I for %s', f.opfnamespace::regnamespace, f.opfname, m.amname) AS object,
       pg_get_userbyid(f.opfowner) AS owner,
       (SELECT string_agg(o, ', ' ORDER BY o)
        FROM pg_amop, concat(amopstrategy, ' ', amopopr::regoperator) AS o WHERE amopfamily = f.oid) AS operators,
       (SELECT string_agg(o, ', ' ORDER BY o)
        FROM pg_amproc, concat(amprocnum, ' ', amproc::regprocedure) AS o WHERE amprocfamily = f.oid) AS functions
FROM pg_opfamily f JOIN pg_am m ON m.oid = f.opfmethod
WHERE f.opfnamespace IN (SELECT oid FROM schemas)
  AND ('pg_opfamily'::regclass::oid, f.oid) NOT IN (SELECT classid, objid FROM of_extensions)
