"""Review and approval of results: events, the rules that they keep, and the chain that they are kept in. Pure."""
