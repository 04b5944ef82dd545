SELECT format('%s.%I for %s', c.opcnamespace::regnamespace, c.opcname, m.amname) AS object,
       pg_get_userbyid(c.opcowner) AS owner, format_type(c.opcintype, NULL) AS type, c.opcdefault AS "default",
       f.opfnamespace::regnamespace || '.' || quote_ident(f.opfname) AS family,
       CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS storage
FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod JOIN pg_opfamily f ON f.oid = c.opcfamily
WHERE c.opcnamespace IN (SELECT oid FROM schemas)
  AND ('pg_opclass'::regclass::oid, c.oid) NOT IN (SELECT classid, objid FROM of_extensions)
