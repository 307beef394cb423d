"""The failure harness: clients that race for few slots while connections, processes and the server
fail, and a check of what is left. `make bench ARGS="harness --help"` runs it for as long as wanted.
"""
