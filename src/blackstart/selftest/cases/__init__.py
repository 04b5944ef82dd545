"""What the self-test plants, a module for each kind of thing."""
