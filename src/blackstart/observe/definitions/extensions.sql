SELECT quote_ident(extname) AS object, extversion AS version, extnamespace::regnamespace::text AS schema
FROM pg_extension
