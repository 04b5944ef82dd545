SELECT t.name AS object, t.owner,
       (SELECT string_agg(concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod),
                                    'collate ' || nullif(attcollation, b.typcollation)::regcollation),
                          ', ' ORDER BY attnum)
        FROM pg_attribute JOIN pg_type b ON b.oid = atttypid
        WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped) AS attributes
FROM types t WHERE t.typtype = 'c'
