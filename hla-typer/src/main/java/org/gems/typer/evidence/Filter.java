package org.gems.typer.evidence;

import org.gems.typer.reads.ReadFilter;

/** Where pairs are lost, in the order in which they pass. */
public enum Filter implements ReadFilter {
  NO_PRIMER("neither read begins with a primer of the panel"),
  ONE_PRIMER("only one read of the pair begins with a primer of the panel"),
  PRIMER_PAIR_MISMATCH("the two reads begin with primers of different amplicons"),
  NOT_ASKED("the amplicon's gene is not among those asked for, or has no place in the library"),
  TOO_SHORT("a read has no bases, too few follow a primer, or too few lie between the two primers"),
  LOW_QUALITY("the base qualities predict too many errors"),
  NO_ALLELE_WITHIN_TOLERANCE("no sequence of any competing gene comes near the pair"),
  OFF_TARGET("a pseudogene or other gene that is not typed explains the pair best"),
  BEYOND_DEPTH_CAP("the amplicon already has as many pairs as are weighed");

  private final String meaning;

  Filter(String meaning) {
    this.meaning = meaning;
  }

  @Override
  public String meaning() {
    return meaning;
  }
}
