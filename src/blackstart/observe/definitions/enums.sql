SELECT name AS object, owner,
       (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = types.oid) AS labels
FROM types WHERE typtype = 'e'
