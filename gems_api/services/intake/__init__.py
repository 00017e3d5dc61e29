"""A request before it is a job: what is asked, what lies in S3, what it will cost, what machines are told."""
