package org.gems.typer.evidence;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What one sample's reads say: pairs by product, sequences they support, and pairs lost. */
public final class SampleEvidence implements ReadCounts {
  private final PairStore[] stores;
  private final PairStore[] unexplained;
  private final int[][] support;
  private final Map<Filter, Integer> lost = new EnumMap<>(Filter.class);
  private final int[] decoyPairs;
  private int pairs;

  /** Empty evidence for the products of a catalog. */
  public SampleEvidence(Catalog catalog) {
    int products = catalog.products().size();
    stores = new PairStore[products];
    unexplained = new PairStore[products];
    support = new int[products][];
    decoyPairs = new int[products];
    for (int p = 0; p < products; p++) {
      stores[p] = new PairStore();
      unexplained[p] = new PairStore();
      support[p] = new int[catalog.products().get(p).haplotypes().size()];
    }
    for (Filter filter : Filter.values()) {
      lost.put(filter, 0);
    }
  }

  /** Counts a pair that was read. */
  void countPair() {
    pairs++;
  }

  /** Pairs that a filter stopped. */
  int lost(Filter filter) {
    return lost.get(filter);
  }

  /** Counts a pair of a product that is not typed. */
  void countDecoy(int product) {
    decoyPairs[product]++;
  }

  /** Counts a pair that a filter stopped. */
  void lose(Filter filter) {
    lost.merge(filter, 1, Integer::sum);
  }

  @Override
  public int pairs() {
    return pairs;
  }

  @Override
  public List<Loss> losses() {
    return lost.entrySet().stream()
        .map(e -> new Loss(e.getKey().word(), e.getValue(), e.getKey().meaning()))
        .toList();
  }

  /** A product's pairs. */
  public PairStore store(int product) {
    return stores[product];
  }

  /** Pairs of a product that is not typed; 0 for one that is. */
  public int decoyPairs(int product) {
    return decoyPairs[product];
  }

  /** Pairs that looked most like a product, but not enough. */
  public PairStore unexplained(int product) {
    return unexplained[product];
  }

  /** How many of a product's pairs each of its sequences explains about as well as the best. */
  public int[] support(int product) {
    return support[product];
  }
}
