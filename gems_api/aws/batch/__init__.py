"""AWS Batch behind the ports of the control plane: workers as children of array jobs."""
