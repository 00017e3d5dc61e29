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

  /** Whether it is a gene's own: the gene is amplified by a row that was made for it. */
  public boolean isOwnOf(String gene) {
    return locus().equals(gene) && !isDecoy();
  }

  /** Bases between the primers that the release leaves open for an allele. */
  public int unknownBp(int allele) {
    int[] options = haplotypes.optionsOf(allele);
    int length = options.length == 0 ? 0 : haplotypes.length(options[0]);
    return Math.max(0, length - haplotypes.knownBpOf(allele));
  }
}
