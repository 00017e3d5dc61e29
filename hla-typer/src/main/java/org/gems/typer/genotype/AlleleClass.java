package org.gems.typer.genotype;

/**
 * Alleles that the supported sequences cannot tell apart. Two classes are equal only if the same.
 */
public final class AlleleClass {
  private final int[] sets;
  private final int[] members;
  private final boolean complete;

  /**
   * A class.
   *
   * @param sets the option set in each amplicon
   * @param members allele indices, the one to be named first
   * @param complete whether the first member is stated in full in every amplicon of the panel
   */
  AlleleClass(int[] sets, int[] members, boolean complete) {
    this.sets = sets;
    this.members = members;
    this.complete = complete;
  }

  /** The option set in an amplicon. */
  public int set(int amplicon) {
    return sets[amplicon];
  }

  /** Allele indices, the one to be named first. */
  public int[] members() {
    return members.clone();
  }

  /** The allele that stands for the class. */
  public int representative() {
    return members[0];
  }

  /** Whether that allele is stated in full in every amplicon of the panel. */
  public boolean complete() {
    return complete;
  }
}
