"""The same accident at growing sizes: sizes → runs → a line for each phase → what it comes to in production."""
