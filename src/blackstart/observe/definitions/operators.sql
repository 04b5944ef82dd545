SELECT oid::regoperator::text AS object, pg_get_userbyid(oprowner) AS owner,
       nullif(oprcode, 0)::regprocedure::text AS function,
       nullif(oprcom, 0)::regoperator::text AS commutator, nullif(oprnegate, 0)::regoperator::text AS negator,
       nullif(oprrest, 0)::regproc::text AS "restrict", nullif(oprjoin, 0)::regproc::text AS "join",
       oprcanmerge AS merges, oprcanhash AS hashes
FROM pg_operator
WHERE oprnamespace IN (SELECT oid FROM schemas)
  AND ('pg_operator'::regclass::oid, oid) NOT IN (SELECT classid, objid FROM of_extensions)
