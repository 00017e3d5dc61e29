package org.gems.typer.shotgun;

/**
 * Alleles with the same exons, unstated bases filled.
 *
 * @param members allele indices, the one to be named first
 * @param complete whether the release states all exons of the first member
 */
record AlleleGroup(int[] members, boolean complete) {
  int representative() {
    return members[0];
  }
}
