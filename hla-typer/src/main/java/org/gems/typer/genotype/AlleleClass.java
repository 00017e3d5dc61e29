package org.gems.typer.genotype;

/**
 * Alleles that the supported sequences cannot tell apart. Two classes are equal only if the same.
 */
public final class AlleleClass {
  private final int[] sets;
  private final int[] members;
  private final boolean complete;
  private final double freedom;

  /**
   * A class.
   *
   * @param sets the option set in each target
   * @param members allele indices, the one to be named first
   * @param complete whether the first member is stated in full where reads may lie
   * @param freedom what the choice among its sequences pays, a natural logarithm
   */
  AlleleClass(int[] sets, int[] members, boolean complete, double freedom) {
    this.sets = sets;
    this.members = members;
    this.complete = complete;
    this.freedom = freedom;
  }

  /** The option set in a target. */
  public int set(int target) {
    return sets[target];
  }

  /** Allele indices, the one to be named first. */
  public int[] members() {
    return members.clone();
  }

  /** The allele that stands for the class. */
  public int representative() {
    return members[0];
  }

  /** Whether that allele is stated in full where reads may lie. */
  public boolean complete() {
    return complete;
  }

  /** What the choice among its sequences pays, a natural logarithm. */
  public double freedom() {
    return freedom;
  }
}
