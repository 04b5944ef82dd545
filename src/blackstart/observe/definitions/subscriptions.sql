SELECT quote_ident(subname) AS object, pg_get_userbyid(subowner) AS owner, subenabled AS enabled,
       regexp_replace(regexp_replace(subconninfo, '(password\s*=\s*)(''[^'']*''|\S+)', '\1(hidden)', 'gi'),
                      '(://[^:@/]*):[^@]*@', '\1:(hidden)@') AS connection,
       subslotname AS slot, array_to_string(subpublications, ', ') AS publications,
       subsynccommit AS "synchronous commit",
       subbinary AS binary, to_jsonb(s) ->> 'substream' AS streaming, subtwophasestate <> 'd' AS "two phases",
       subdisableonerr AS "disabled on error", to_jsonb(s) ->> 'suborigin' AS origin
FROM pg_subscription s
WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
