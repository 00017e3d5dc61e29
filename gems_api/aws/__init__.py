"""The only place that knows boto3, botocore and CredStash: one thin, strict wrapper for each service."""
