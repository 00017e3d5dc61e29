package org.gems.typer.genotype;

import java.util.BitSet;

/**
 * A stretch's say between alleles that exons leave open: how much likelier two of them make the
 * whole pairs, beyond what the exon bases of the same pairs say, which are weighed elsewhere.
 */
final class SegmentModel {
  private final TargetModel whole;
  private final OptionFits exons;
  private final int[] exonsOf;
  private final BitSet open;

  /**
   * A model of a stretch. One molecule gives the pairs of all stretches, so none has lost an allele
   * that others have.
   */
  SegmentModel(Segment segment, Mixture withoutDropout) {
    this.whole = new TargetModel(segment.whole(), withoutDropout);
    this.exons = new OptionFits(segment.exons(), withoutDropout);
    this.exonsOf = segment.exonsOf();
    this.open = segment.open();
  }

  TargetModel whole() {
    return whole;
  }

  /** Whether the release leaves an allele open where pairs lie. */
  boolean isOpen(int look) {
    return open.get(look);
  }

  /** What the pairs say of two sets beyond their exon bases; of one set twice as equal copies. */
  double score(int setOne, int setTwo, boolean isOneClass) {
    OptionFits.Choice choice =
        isOneClass ? whole.chooseHomozygous(setOne) : whole.choose(setOne, setTwo);
    Fit ofExons = exons.fit(exonsOf[choice.one()], exonsOf[choice.two()]);
    return choice.fit().logLikelihood() - ofExons.logLikelihood();
  }
}
