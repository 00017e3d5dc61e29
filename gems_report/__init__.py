"""What a run's results are, what is to be said of them, and the files in which people and programs take them along."""
