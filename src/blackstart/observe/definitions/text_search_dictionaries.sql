SELECT d.oid::regdictionary::text AS object, pg_get_userbyid(d.dictowner) AS owner,
       t.tmplnamespace::regnamespace || '.' || quote_ident(t.tmplname) AS template, d.dictinitoption AS options
FROM pg_ts_dict d JOIN pg_ts_template t ON t.oid = d.dicttemplate
WHERE d.dictnamespace IN (SELECT oid FROM schemas)
  AND ('pg_ts_dict'::regclass::oid, d.oid) NOT IN (SELECT classid, objid FROM of_extensions)
