"""GeMS-UI: the pages for people. A module for each group of pages; ``addresses`` has the table of all of them."""
