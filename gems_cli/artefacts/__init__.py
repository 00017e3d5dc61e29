"""What workers fetch: the worker bundle, the typer's jar, the reference library and the panel."""
