"""What died is found and repaired."""
