"""What the pages read: plain values, each query with the clinic in it for the planner."""
