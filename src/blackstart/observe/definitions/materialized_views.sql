SELECT name AS object, owner, options, method AS "access method", tablespace, pg_get_viewdef(oid) AS query,
       NOT relispopulated AS "not populated"
FROM relations WHERE relkind = 'm'
