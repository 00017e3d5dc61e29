package org.gems.typer.residue;

import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.evidence.Product;

/**
 * Pairs of one amplicon that are somebody else's.
 *
 * @param product what the amplicon's primers made
 * @param pairs all pairs of the amplicon
 * @param called sequences of the product's set that are the called alleles', or cannot be told from
 *     them
 * @param alike the foreign pairs, those together that the same sequences explain best
 * @param others foreign pairs of which it is no longer known what explains them
 */
public record ForeignPairs(
    Product product, int pairs, BitSet called, List<Alike> alike, int others) {

  /**
   * Foreign pairs that the same sequences explain best.
   *
   * @param pairs how many they are
   */
  public record Alike(BitSet explaining, int pairs) {}

  static ForeignPairs of(AmpliconResidue residue) {
    Product product = residue.attribution().evidence().product();
    BitSet called = new BitSet();
    for (int h = 0; h < product.haplotypes().size(); h++) {
      int index = residue.attribution().evidence().indexOf(h);
      boolean one = index >= 0 && index == residue.attribution().option(0);
      called.set(h, one || (index >= 0 && index == residue.attribution().option(1)));
    }
    return new ForeignPairs(product, residue.pairs(), called, alike(residue.foreign()), 0);
  }

  private static List<Alike> alike(List<BitSet> foreign) {
    Map<BitSet, Integer> counts = new LinkedHashMap<>();
    foreign.forEach(explaining -> counts.merge(explaining, 1, Integer::sum));
    return counts.entrySet().stream().map(e -> new Alike(e.getKey(), e.getValue())).toList();
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
    for (int option : product.haplotypes().optionsOf(allele)) {
      if (called.get(option)) {
        return false;
      }
    }
    return true;
  }

  private boolean isExplained(Alike alike, int allele) {
    for (int option : product.haplotypes().optionsOf(allele)) {
      if (alike.explaining().get(option)) {
        return true;
      }
    }
    return false;
  }

  /** The same with the pairs that an allele does not explain. */
  ForeignPairs without(int allele) {
    List<Alike> rest = alike.stream().filter(a -> !isExplained(a, allele)).toList();
    return new ForeignPairs(product, pairs, called, rest, others);
  }

  /** The same with no more than so many sets of sequences, those that explain the most pairs. */
  ForeignPairs atMost(int sets) {
    List<Alike> kept =
        alike.stream()
            .sorted(Comparator.comparingInt(Alike::pairs).reversed())
            .limit(sets)
            .toList();
    return new ForeignPairs(product, pairs, called, kept, size() - count(kept));
  }

  /** How many foreign pairs an allele explains. */
  int explained(int allele) {
    return alike.stream().filter(a -> isExplained(a, allele)).mapToInt(Alike::pairs).sum();
  }
}
