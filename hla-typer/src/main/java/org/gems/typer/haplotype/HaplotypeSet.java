package org.gems.typer.haplotype;

import java.util.List;

/**
 * The distinct sequences that the alleles of a locus may have between the primers of an amplicon.
 */
public final class HaplotypeSet {
  private final List<LengthGroup> groups;
  private final LengthGroup[] groupOf;
  private final int[][] optionsOf;
  private final int[] knownBpOf;

  /**
   * @param groups the sequences between the primers
   * @param optionsOf for each allele, the sequences it may have: one where it is known, several
   *     where the release leaves it open
   * @param knownBpOf for each allele, how many of its bases the release states
   */
  public HaplotypeSet(List<LengthGroup> groups, int[][] optionsOf, int[] knownBpOf) {
    this.groups = List.copyOf(groups);
    this.optionsOf = optionsOf;
    this.knownBpOf = knownBpOf;
    int size = groups.stream().mapToInt(g -> g.fromStart().parts().length().length).sum();
    groupOf = new LengthGroup[size];
    for (LengthGroup group : groups) {
      for (int sequence : group.fromStart().parts().sequenceAt()) {
        groupOf[sequence] = group;
      }
    }
  }

  /** Number of distinct sequences. */
  public int size() {
    return groupOf.length;
  }

  /** Number of alleles. */
  public int alleles() {
    return optionsOf.length;
  }

  /** Bases of a sequence. */
  public int length(int haplotype) {
    return groupOf[haplotype].fromStart().length(haplotype);
  }

  /** Base codes of a sequence, a copy. */
  public byte[] sequence(int haplotype) {
    return groupOf[haplotype].fromStart().sequence(haplotype);
  }

  /** The sequences that an allele may have here. */
  public int[] optionsOf(int allele) {
    return optionsOf[allele];
  }

  /** Bases that the release states for an allele here. */
  public int knownBpOf(int allele) {
    return knownBpOf[allele];
  }

  /** The sequences in groups of equal length. */
  public List<LengthGroup> groups() {
    return groups;
  }

  /** The group of a sequence. */
  public LengthGroup groupOf(int haplotype) {
    return groupOf[haplotype];
  }
}
