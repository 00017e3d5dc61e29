package org.gems.typer.shotgun;

/**
 * A genotype that was weighed.
 *
 * @param one index of a group
 * @param two index of a group; the same one for two equal copies
 * @param share of the first
 * @param logLikelihood after what a second allele and an open one pay
 */
record GroupPair(int one, int two, double share, double logLikelihood) {
  boolean isHomozygous() {
    return one == two;
  }

  int[] sides() {
    return isHomozygous() ? new int[] {one} : new int[] {one, two};
  }
}
