SELECT quote_ident(evtname) AS object, pg_get_userbyid(evtowner) AS owner, evtevent AS event,
       (SELECT string_agg(tag, ', ' ORDER BY tag) FROM unnest(evttags) AS tag) AS tags,
       evtfoid::regprocedure::text AS function,
       CASE evtenabled WHEN 'D' THEN 'disabled' WHEN 'A' THEN 'always' WHEN 'R' THEN 'on replicas'
            ELSE 'enabled' END AS state
FROM pg_event_trigger
WHERE ('pg_event_trigger'::regclass::oid, oid) NOT IN (SELECT classid, objid FROM of_extensions)
