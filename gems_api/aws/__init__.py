"""The only place that knows boto3 and CredStash: one thin, strict wrapper for each service."""
