package org.gems.typer.shotgun;

/**
 * What becomes of one pair.
 *
 * @param lost where it is lost, or null where it is of use
 * @param fragment what it is, where it is of use; also of one that lies in an intron
 * @param gene the gene that it is most like where another than the typed ones made it, or -1
 * @param stretch of a pair that lies in an intron, where it seemed to lie; see {@link IntronPairs}
 */
record Verdict(ShotgunFilter lost, Fragment fragment, int gene, long stretch) {
  Verdict(ShotgunFilter lost, Fragment fragment, int gene) {
    this(lost, fragment, gene, -1);
  }

  static Verdict lost(ShotgunFilter filter) {
    return new Verdict(filter, null, -1);
  }

  /** A pair that lies outside of exons, which may tell alleles apart that these leave open. */
  static Verdict outsideExons(Fragment fragment, long stretch) {
    return new Verdict(ShotgunFilter.OUTSIDE_EXONS, fragment, -1, stretch);
  }

  static Verdict of(Fragment fragment) {
    return new Verdict(null, fragment, -1);
  }
}
