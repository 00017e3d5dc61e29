"""The words that the control plane, the workers and the command line share.

Nothing here reads a file, a clock, an environment variable or a network: every function takes what it needs and
returns a value. Only the standard library is imported, so any house may import this one.
"""

__version__ = "0.2.0"
