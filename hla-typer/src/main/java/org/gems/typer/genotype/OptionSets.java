package org.gems.typer.genotype;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The sequences that each allele may have in a target: one where the release states it, several
 * where it leaves it open. Alleles with equal options share a set.
 */
public final class OptionSets {
  /** The option of an allele none of whose sequences is weighed. */
  public static final int NONE = -1;

  private final List<int[]> options = new ArrayList<>();
  private final List<Double> freedoms = new ArrayList<>();
  private final Map<IntBuffer, Integer> seen = new HashMap<>();
  private final int[] setOfAllele;

  /** Sets of so many alleles, to be told of each. */
  public OptionSets(int alleles) {
    setOfAllele = new int[alleles];
  }

  /**
   * The number of a set.
   *
   * @param weighed indices of its weighed sequences, in any order; may be none
   * @param open how many sequences are open in all, weighed or not
   */
  public int set(int[] weighed, int open) {
    int[] key = Arrays.copyOf(weighed, weighed.length + 1);
    Arrays.sort(key, 0, weighed.length);
    key[weighed.length] = open;
    // A buffer is the key because two with the same numbers are equal, which arrays are not.
    return seen.computeIfAbsent(
        IntBuffer.wrap(key),
        k -> {
          options.add(weighed.length == 0 ? new int[] {NONE} : weighed.clone());
          freedoms.add(Math.log(Math.max(1, open)));
          return options.size() - 1;
        });
  }

  /** Tells an allele's set. */
  public void put(int allele, int set) {
    setOfAllele[allele] = set;
  }

  /** Number of sets. */
  public int size() {
    return options.size();
  }

  /** The set of an allele. */
  public int setOf(int allele) {
    return setOfAllele[allele];
  }

  /** Indices of a set's weighed sequences; {@link #NONE} alone where none is weighed. */
  int[] options(int set) {
    return options.get(set);
  }

  /** Whether any option of a set is weighed. */
  boolean isWeighed(int set) {
    return options.get(set)[0] != NONE;
  }

  /** The natural logarithm of how many sequences a set allows. */
  double freedom(int set) {
    return freedoms.get(set);
  }
}
