"""Keys of clinics and the values that they encrypt. PostgreSQL encrypts (sql/clinic/functions)."""
