SELECT name AS object, owner, options, pg_get_viewdef(oid) AS query FROM relations WHERE relkind = 'v'
