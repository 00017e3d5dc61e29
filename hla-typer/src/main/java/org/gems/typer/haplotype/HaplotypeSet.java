package org.gems.typer.haplotype;

/**
 * The distinct sequences that the alleles of a locus may have between the primers of an amplicon.
 */
public final class HaplotypeSet {
  private final byte[][] sequences;
  private final int[][] optionsOf;
  private final int[] knownBpOf;
  private final SubstringDag fromStart;
  private final SubstringDag fromEnd;

  /**
   * @param sequences base codes between the primers
   * @param optionsOf for each allele, the sequences it may have: one where it is known, several
   *     where the release leaves it open
   * @param knownBpOf for each allele, how many of its bases the release states
   */
  HaplotypeSet(byte[][] sequences, int[][] optionsOf, int[] knownBpOf) {
    this.sequences = sequences;
    this.optionsOf = optionsOf;
    this.knownBpOf = knownBpOf;
    this.fromStart = new SubstringDag(sequences);
    byte[][] reversed = new byte[sequences.length][];
    for (int i = 0; i < reversed.length; i++) {
      reversed[i] = Bases.reversed(sequences[i]);
    }
    this.fromEnd = new SubstringDag(reversed);
  }

  /** Some of the sequences on their own, numbered anew, for no allele in particular. */
  public HaplotypeSet only(int[] haplotypes) {
    byte[][] chosen = new byte[haplotypes.length][];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = sequences[haplotypes[i]];
    }
    return new HaplotypeSet(chosen, new int[0][], new int[0]);
  }

  /** Number of distinct sequences. */
  public int size() {
    return sequences.length;
  }

  /** Base codes of a sequence. */
  public byte[] sequence(int haplotype) {
    return sequences[haplotype];
  }

  /** The sequences that an allele may have here. */
  public int[] optionsOf(int allele) {
    return optionsOf[allele];
  }

  /** Bases that the release states for an allele here. */
  public int knownBpOf(int allele) {
    return knownBpOf[allele];
  }

  /** Scores of reads that begin at the forward primer. */
  public SubstringDag fromStart() {
    return fromStart;
  }

  /** Scores of reads that begin at the reverse primer, for sequences read backwards. */
  public SubstringDag fromEnd() {
    return fromEnd;
  }
}
