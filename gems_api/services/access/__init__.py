"""Who may speak, and for which job."""
