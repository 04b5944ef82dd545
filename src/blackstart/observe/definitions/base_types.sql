SELECT name AS object, owner, typlen AS length, typbyval AS "by value", typalign AS alignment, typstorage AS storage,
       typcategory AS category, typispreferred AS preferred, typdelim AS delimiter, typdefault AS "default",
       typinput::regproc::text AS input, typoutput::regproc::text AS output,
       nullif(typreceive, 0)::regproc::text AS receive, nullif(typsend, 0)::regproc::text AS send,
       nullif(typanalyze, 0)::regproc::text AS "analyze"
FROM types WHERE typtype = 'b'
