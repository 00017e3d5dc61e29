package org.gems.typer.genotype;

/**
 * How an allele may look along its gene: as the release states it, and where it leaves the allele
 * open as another one.
 *
 * @param allele index into the gene's alleles
 * @param donor the allele that lends what is open; the same one where little is
 */
public record Look(int allele, int donor) {
  /** An allele as the release states it. */
  static Look of(int allele) {
    return new Look(allele, allele);
  }
}
