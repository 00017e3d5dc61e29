"""The control plane: a Flask app that Zappa puts on AWS Lambda."""
