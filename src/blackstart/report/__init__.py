"""Reports: a record and its verdict for people (HTML) and for tools (JUnit)."""
