"""The admin of the clinic's tables."""
