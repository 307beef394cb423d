"""What people type into the pages of booking, before the database judges it."""
