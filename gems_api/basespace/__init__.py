"""Illumina's BaseSpace behind ``services.remote_ports``: an isolated room, which nothing else of GeMS depends on."""
