package org.gems.typer.evidence;

import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.library.LocusTable;
import org.gems.typer.panel.PanelRow;

/**
 * What the primers of one panel row may make of one locus.
 *
 * @param row the panel row
 * @param table the locus whose sequence is amplified; another one than the row's for a decoy
 * @param haplotypes the locus's sequences between the primers
 */
public record Product(PanelRow row, LocusTable table, HaplotypeSet haplotypes) {
  /** The gene that is amplified. */
  public String locus() {
    return table.locus();
  }

  /** Whether the gene is one that the row was not made for. */
  public boolean isDecoy() {
    return !row.locus().equals(table.locus());
  }
}
