"""`gems run`: type a folder of reads on this machine, through the whole cloud in small."""
