"""How the pages and messages read: long sentences, long lines, and words that make a stranger stumble."""
