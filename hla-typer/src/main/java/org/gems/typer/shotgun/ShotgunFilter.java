package org.gems.typer.shotgun;

import org.gems.typer.reads.ReadFilter;

/** Where pairs are lost, in the order in which they pass. */
public enum ShotgunFilter implements ReadFilter {
  TOO_SHORT("no read of the pair has any bases"),
  NOT_HLA("neither read shares a stretch with any HLA gene or pseudogene of the library"),
  NO_ALLELE_WITHIN_TOLERANCE("no allele of any gene comes near the pair"),
  OFF_TARGET("a gene or pseudogene that is not typed explains the pair best"),
  AMBIGUOUS_GENE("two genes that the sample carries explain the pair about equally well"),
  OUTSIDE_EXONS(
      "the pair lies in introns or untranslated ends, which decide only between names that the exons leave open"),
  BEYOND_DEPTH_CAP("this exon already has as many pairs as are weighed");

  private final String meaning;

  ShotgunFilter(String meaning) {
    this.meaning = meaning;
  }

  @Override
  public String meaning() {
    return meaning;
  }
}
