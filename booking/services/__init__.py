"""The verbs of booking: each calls one SQL function in the tenant context of the caller."""
