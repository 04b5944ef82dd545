SELECT f.name AS object, a.aggkind AS kind, a.aggnumdirectargs AS "direct arguments",
       a.aggtransfn::regprocedure::text AS "state function", format_type(a.aggtranstype, NULL) AS "state type",
       a.aggtransspace AS "state size", a.agginitval AS "initial state",
       nullif(a.aggfinalfn, 0)::regprocedure::text AS "final function", a.aggfinalmodify AS "final modifies",
       a.aggfinalextra AS "final takes all", nullif(a.aggcombinefn, 0)::regprocedure::text AS "combine function",
       nullif(a.aggserialfn, 0)::regprocedure::text AS "serial function",
       nullif(a.aggdeserialfn, 0)::regprocedure::text AS "deserial function",
       nullif(a.aggmtransfn, 0)::regprocedure::text AS "moving state function",
       nullif(a.aggminvtransfn, 0)::regprocedure::text AS "moving inverse function",
       CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END AS "moving state type",
       a.aggminitval AS "moving initial state",
       nullif(a.aggmfinalfn, 0)::regprocedure::text AS "moving final function",
       nullif(a.aggsortop, 0)::regoperator::text AS "sort operator"
FROM functions f JOIN pg_aggregate a ON a.aggfnoid = f.oid
