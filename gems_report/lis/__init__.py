"""Approved results for laboratory information systems, as FHIR."""
