SELECT quote_ident(pubname) AS object, pg_get_userbyid(pubowner) AS owner, puballtables AS "all tables",
       concat_ws(', ', CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN 'update' END,
                 CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN 'truncate' END) AS operations,
       pubviaroot AS "via root",
       (SELECT string_agg(pnnspid::regnamespace::text, ', ' ORDER BY pnnspid::regnamespace::text)
        FROM pg_publication_namespace WHERE pnpubid = p.oid) AS schemas
FROM pg_publication p
WHERE ('pg_publication'::regclass::oid, oid) NOT IN (SELECT classid, objid FROM of_extensions)
