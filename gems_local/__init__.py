"""The local cloud: AWS, the API and a fleet of instances as processes on one machine."""
