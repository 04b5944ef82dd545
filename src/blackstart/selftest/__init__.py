"""The verifier verified: corruption planted on purpose must be found and named, and healthy oddities must not."""
