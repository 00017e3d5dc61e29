"""The use cases of the control plane, one a module; they know neither Flask nor boto3."""
