package org.gems.typer.residue;

import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.calls.Attribution;
import org.gems.typer.genotype.OptionSets;
import org.gems.typer.genotype.Target;

/**
 * Pairs of one amplicon or exon that are somebody else's, told by the alleles that explain them.
 *
 * @param pairs all pairs of the amplicon or exon
 * @param visible alleles whose pairs could be told from the called alleles' here
 * @param alike the foreign pairs, those together that the same alleles explain best
 * @param others foreign pairs of which it is no longer known what explains them
 */
record ForeignPairs(int pairs, BitSet visible, List<Alike> alike, int others) {
  /**
   * Foreign pairs that the same alleles explain best.
   *
   * @param pairs how many they are
   */
  record Alike(BitSet explaining, int pairs) {}

  /**
   * The foreign pairs of a called gene's target.
   *
   * @param foreign for each pair the sequences that explain it
   */
  static ForeignPairs of(Attribution attribution, int alleles, List<BitSet> foreign) {
    Target target = attribution.target();
    BitSet called = new BitSet();
    for (int s = 0; s < target.sequences(); s++) {
      int weighed = target.weighedAs(s);
      boolean isCalled = weighed == attribution.option(0) || weighed == attribution.option(1);
      called.set(s, weighed != OptionSets.NONE && isCalled);
    }
    BitSet visible = new BitSet();
    for (int a = 0; a < alleles; a++) {
      int[] sequences = target.sequencesOf(a);
      visible.set(a, sequences.length > 0 && !isAny(sequences, called));
    }
    Map<BitSet, Integer> counts = new LinkedHashMap<>();
    foreign.forEach(explaining -> counts.merge(explaining, 1, Integer::sum));
    List<Alike> alike =
        counts.entrySet().stream()
            .map(e -> new Alike(alleles(target, alleles, e.getKey()), e.getValue()))
            .toList();
    return new ForeignPairs(target.pairs(), visible, alike, 0);
  }

  private static BitSet alleles(Target target, int alleles, BitSet sequences) {
    BitSet found = new BitSet();
    for (int a = 0; a < alleles; a++) {
      found.set(a, isAny(target.sequencesOf(a), sequences));
    }
    return found;
  }

  private static boolean isAny(int[] sequences, BitSet of) {
    for (int sequence : sequences) {
      if (of.get(sequence)) {
        return true;
      }
    }
    return false;
  }

  /** How many foreign pairs there are. */
  int size() {
    return others + count(alike);
  }

  private static int count(List<Alike> alike) {
    return alike.stream().mapToInt(Alike::pairs).sum();
  }

  /** Whether an allele's pairs could be told from the called alleles' here. */
  boolean isVisible(int allele) {
    return visible.get(allele);
  }

  /** The same with the pairs that an allele does not explain. */
  ForeignPairs without(int allele) {
    List<Alike> rest = alike.stream().filter(a -> !a.explaining().get(allele)).toList();
    return new ForeignPairs(pairs, visible, rest, others);
  }

  /** The same with no more than so many sets of alleles, those that explain the most pairs. */
  ForeignPairs atMost(int sets) {
    List<Alike> kept =
        alike.stream()
            .sorted(Comparator.comparingInt(Alike::pairs).reversed())
            .limit(sets)
            .toList();
    return new ForeignPairs(pairs, visible, kept, size() - count(kept));
  }

  /** How many foreign pairs an allele explains. */
  int explained(int allele) {
    return alike.stream().filter(a -> a.explaining().get(allele)).mapToInt(Alike::pairs).sum();
  }
}
