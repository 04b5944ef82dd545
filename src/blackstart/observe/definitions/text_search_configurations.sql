SELECT format('%s.%I', c.cfgnamespace::regnamespace, c.cfgname) AS object, pg_get_userbyid(c.cfgowner) AS owner,
       (SELECT p.prsnamespace::regnamespace || '.' || quote_ident(p.prsname)
        FROM pg_ts_parser p WHERE p.oid = c.cfgparser) AS parser,
       (SELECT string_agg(m.maptokentype || ' ' || m.mapdict::regdictionary, ', ' ORDER BY m.maptokentype, m.mapseqno)
        FROM pg_ts_config_map m WHERE m.mapcfg = c.oid) AS mappings
FROM pg_ts_config c
WHERE c.cfgnamespace IN (SELECT oid FROM schemas)
  AND ('pg_ts_config'::regclass::oid, c.oid) NOT IN (SELECT classid, objid FROM of_extensions)
