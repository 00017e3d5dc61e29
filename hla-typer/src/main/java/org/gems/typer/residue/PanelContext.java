package org.gems.typer.residue;

import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.SampleEvidence;

/** What a panel tells of pairs beyond the called genes: its pseudogenes, and all its products. */
public record PanelContext(Catalog catalog, SampleEvidence evidence) {}
