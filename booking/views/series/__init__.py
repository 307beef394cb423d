"""Pages of visits that repeat."""
