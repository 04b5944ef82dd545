"""The shop's HTTP service: orders in PostgreSQL, files on the uploads volume, carts in Redis.

Self-contained: it imports nothing of the project around it. `python3 -m storefront` serves.
"""
