"""What S3 holds of a job, and its reading and writing."""
