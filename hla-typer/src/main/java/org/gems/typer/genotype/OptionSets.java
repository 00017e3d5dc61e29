package org.gems.typer.genotype;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import java.util.function.IntFunction;

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

  private OptionSets(int alleles) {
    setOfAllele = new int[alleles];
  }

  /**
   * The sets of some alleles.
   *
   * @param sequencesOf all sequences that an allele may have; alleles may share an array
   * @param weighedAs for each sequence the weighed one that it is taken for, or {@link #NONE}
   * @param open of how many sequences and how many weighed ones, to how many an allele is open
   */
  public static OptionSets of(
      int alleles, IntFunction<int[]> sequencesOf, int[] weighedAs, IntBinaryOperator open) {
    OptionSets sets = new OptionSets(alleles);
    IdentityHashMap<int[], Integer> known = new IdentityHashMap<>();
    for (int a = 0; a < alleles; a++) {
      sets.setOfAllele[a] =
          known.computeIfAbsent(
              sequencesOf.apply(a),
              all -> {
                int[] weighed = weighed(all, weighedAs);
                return sets.set(weighed, open.applyAsInt(all.length, weighed.length));
              });
    }
    return sets;
  }

  /** The weighed ones that some sequences are taken for, each once; maybe none. */
  public static int[] weighed(int[] sequences, int[] weighedAs) {
    return Arrays.stream(sequences)
        .map(s -> weighedAs[s])
        .filter(i -> i != NONE)
        .distinct()
        .toArray();
  }

  /**
   * The number of a set.
   *
   * @param weighed indices of its weighed sequences, in any order; may be none
   * @param open how many sequences are open in all, weighed or not
   */
  private int set(int[] weighed, int open) {
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
