"""What a worker and the API say to each other (docs/contracts.md, section 4), a module for each kind of word."""
