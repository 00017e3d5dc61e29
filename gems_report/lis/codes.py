"""The codes that a laboratory information system is sent, each with its source. What is not sure has no code, and stands as text.

Sources: HL7's implementation guide Genomics Reporting (HL7/genomics-reporting: ``Aliases.fsh`` and the examples
``genotype-hla-a-glstring-r4``, ``diagnosticreport-hla-glstring-r4``, ``CG-IG-HLA-FullBundle-01``) for systems, 84413-4, 48018-6,
81247-9 and 57290-9; NMDP's Donor Patient guide (ValueSet ``nmdp-hla-locus-loinc-vs``) for the loci; genenames.org for HGNC's.
"""

from __future__ import annotations

from collections.abc import Mapping

LOINC = "http://loinc.org"
GL_STRING = "http://glstring.org"
HGNC = "http://www.genenames.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
DIAGNOSTIC_SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

GENOTYPE = ("84413-4", "Genotype display name")
GENE_STUDIED = ("48018-6", "Gene studied [ID]")
REPORT = ("81247-9", "Master HL7 genetic variant reporting panel")

# HLA-C has none: 57297-4 ("HLA-Cw") and 77636-9 ("HLA-C") are both in use at NMDP, and a receiver maps one of the two.
LOCUS: Mapping[str, tuple[str, str]] = {
    "A": ("57290-9", "HLA-A [Type] by High resolution"),
    "B": ("57291-7", "HLA-B [Type] by High resolution"),
    "DRB1": ("57293-3", "HLA-DRB1 [Type] by High resolution"),
    "DRB3": ("57294-1", "HLA-DRB3 [Type] by High resolution"),
    "DRB4": ("57295-8", "HLA-DRB4 [Type] by High resolution"),
    "DRB5": ("57296-6", "HLA-DRB5 [Type] by High resolution"),
    "DQA1": ("59019-0", "HLA-DQA1 [Type] by High resolution"),
    "DQB1": ("57299-0", "HLA-DQB1 [Type] by High resolution"),
    "DPA1": ("59018-2", "HLA-DPA1 [Type] by High resolution"),
    "DPB1": ("59017-4", "HLA-DPB1 [Type] by High resolution"),
}
GENE: Mapping[str, str] = {
    "A": "HGNC:4931",
    "B": "HGNC:4932",
    "C": "HGNC:4933",
    "DRB1": "HGNC:4948",
    "DRB3": "HGNC:4951",
    "DRB4": "HGNC:4952",
    "DRB5": "HGNC:4953",
    "DQA1": "HGNC:4942",
    "DQB1": "HGNC:4944",
    "DPA1": "HGNC:4938",
    "DPB1": "HGNC:4940",
}
