"""What a customer does, over and over: a fixed round, so that rates before and after a fault compare."""

ROUND = ("order", "browse", "order", "cart", "browse", "order", "upload", "browse", "order", "cart")
WRITES = ("order", "cart", "upload")
