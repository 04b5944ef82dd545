-- ALTER SYSTEM only; what a recovery or a standby needs says where a server came from, not what it is.
SELECT name AS object,
       max(CASE WHEN name ~* 'pass|secret|token|api_?key' THEN '(hidden)' ELSE setting END) AS value
FROM pg_file_settings
WHERE sourcefile ~ '/postgresql\.auto\.conf$'
  AND name !~ '^(recovery_|primary_|restore_command$|archive_cleanup_command$|promote_)'
GROUP BY name
