package org.gems.typer.evidence;

import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** What one sample's reads say: pairs by product, sequences they support, and pairs lost. */
public final class SampleEvidence extends ReadCounts<Filter> {
  private final Catalog catalog;
  private final PairStore[] stores;
  private final PairStore[] unexplained;
  private final int[][] support;
  private final boolean[] isDecoy;
  private final int cap;
  private final int[] decoyPairs;

  /** Empty evidence for the products of a catalog. */
  public SampleEvidence(Catalog catalog, Ruleset ruleset) {
    super(Filter.class);
    this.catalog = catalog;
    cap = ruleset.count(Threshold.PAIRS_CAP_PER_AMPLICON);
    int products = catalog.products().size();
    stores = new PairStore[products];
    unexplained = new PairStore[products];
    support = new int[products][];
    decoyPairs = new int[products];
    isDecoy = new boolean[products];
    for (int p = 0; p < products; p++) {
      isDecoy[p] = catalog.products().get(p).isDecoy();
      stores[p] = new PairStore();
      unexplained[p] = new PairStore();
      support[p] = new int[catalog.products().get(p).haplotypes().size()];
    }
  }

  /**
   * Counts a pair of a product.
   *
   * @param explained whether one of its sequences comes near the pair
   * @return whether the pair is to be kept
   */
  boolean take(int product, boolean explained) {
    if (!explained) {
      lose(Filter.NO_ALLELE_WITHIN_TOLERANCE);
      return unexplained[product].size() < cap;
    }
    if (isDecoy[product]) {
      decoyPairs[product]++;
      lose(Filter.OFF_TARGET);
      return false;
    }
    if (stores[product].size() >= cap) {
      lose(Filter.BEYOND_DEPTH_CAP);
      return false;
    }
    return true;
  }

  /** Whether a product is of a gene that is not typed. */
  boolean isDecoy(int product) {
    return isDecoy[product];
  }

  /** A product's pairs. */
  public PairStore store(int product) {
    return stores[product];
  }

  /** A gene's pairs over all its amplicons. */
  public int pairs(String gene) {
    int pairs = 0;
    for (int p = 0; p < stores.length; p++) {
      boolean isOwn = !isDecoy[p] && catalog.products().get(p).locus().equals(gene);
      pairs += isOwn ? stores[p].size() : 0;
    }
    return pairs;
  }

  /** The most pairs that any gene has. */
  int mostPairsOfAGene() {
    return catalog.products().stream().mapToInt(p -> pairs(p.locus())).max().orElse(0);
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
