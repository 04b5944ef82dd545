SELECT oid::text AS object, pg_get_userbyid(lomowner) AS owner FROM pg_largeobject_metadata
