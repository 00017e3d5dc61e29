"""The data plane: types a share of a job on an EC2 instance."""
