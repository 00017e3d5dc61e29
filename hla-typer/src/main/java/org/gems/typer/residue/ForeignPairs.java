package org.gems.typer.residue;

import java.util.BitSet;
import java.util.List;
import org.gems.typer.evidence.Product;

/**
 * Pairs of one amplicon that are somebody else's.
 *
 * @param product what the amplicon's primers made
 * @param pairs all pairs of the amplicon
 * @param called sequences of the product's set that are the called alleles', or cannot be told from
 *     them
 * @param explaining for each foreign pair the sequences that explain it best
 */
public record ForeignPairs(Product product, int pairs, BitSet called, List<BitSet> explaining) {
  static ForeignPairs of(AmpliconResidue residue) {
    Product product = residue.attribution().evidence().product();
    BitSet called = new BitSet();
    for (int h = 0; h < product.haplotypes().size(); h++) {
      int index = residue.attribution().evidence().indexOf(h);
      boolean one = index >= 0 && index == residue.attribution().option(0);
      called.set(h, one || (index >= 0 && index == residue.attribution().option(1)));
    }
    return new ForeignPairs(product, residue.pairs(), called, residue.foreign());
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

  /** Whether an allele explains a foreign pair. */
  boolean isExplained(int pair, int allele) {
    for (int option : product.haplotypes().optionsOf(allele)) {
      if (explaining.get(pair).get(option)) {
        return true;
      }
    }
    return false;
  }

  /** The same with the pairs that an allele does not explain. */
  ForeignPairs without(int allele) {
    List<BitSet> rest =
        java.util.stream.IntStream.range(0, explaining.size())
            .filter(pair -> !isExplained(pair, allele))
            .mapToObj(explaining::get)
            .toList();
    return new ForeignPairs(product, pairs, called, rest);
  }

  /** The same with no more than the first foreign pairs. */
  ForeignPairs atMost(int most) {
    List<BitSet> first = explaining.subList(0, Math.min(most, explaining.size()));
    return new ForeignPairs(product, pairs, called, List.copyOf(first));
  }

  /** How many foreign pairs an allele explains. */
  int explained(int allele) {
    int count = 0;
    for (int pair = 0; pair < explaining.size(); pair++) {
      count += isExplained(pair, allele) ? 1 : 0;
    }
    return count;
  }
}
