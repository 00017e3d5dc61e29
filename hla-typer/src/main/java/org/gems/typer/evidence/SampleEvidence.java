package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gems.typer.IntKey;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.reads.LeadingBases;
import org.gems.typer.reads.ReadCounts;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** What one sample's reads say: pairs by product, sequences they support, and pairs lost. */
public final class SampleEvidence extends ReadCounts<Filter> {
  private final Catalog catalog;
  private final Ruleset ruleset;
  private final LeadingBases leading;
  private final PairStore[] stores;
  private final PairStore[] unexplained;
  private final int[][] support;
  private final Map<IntKey, Integer> supportIds = new HashMap<>();
  private final List<int[]> supportSets = new ArrayList<>();
  private final int[] decoyPairs;

  /**
   * Empty evidence for the products of a catalog.
   *
   * @param leading bases at the reads' starts that were left out
   */
  public SampleEvidence(Catalog catalog, Ruleset ruleset, LeadingBases leading) {
    super(Filter.class);
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.leading = leading;
    int cap = ruleset.count(Threshold.PAIRS_CAP_PER_AMPLICON);
    int products = catalog.products().size();
    stores = new PairStore[products];
    unexplained = new PairStore[products];
    support = new int[products][];
    decoyPairs = new int[products];
    for (int p = 0; p < products; p++) {
      stores[p] = new PairStore(cap);
      unexplained[p] = new PairStore(cap);
      support[p] = new int[catalog.products().get(p).haplotypes().size()];
    }
  }

  /** What is to be said of the reads' starts. */
  public Optional<Flag> leadingBases() {
    if (!leading.isAny()) {
      return Optional.empty();
    }
    return Optional.of(
        Flag.of(
            FlagCode.LEADING_BASES,
            "The first %d bases of each first read and %d of each second read were left out: a barcode or a molecular identifier before the primers"
                .formatted(leading.first(), leading.second()),
            "first_bp",
            leading.first(),
            "second_bp",
            leading.second()));
  }

  /**
   * Counts a pair of a product that is not typed.
   *
   * @param supports the sequences that explain it
   */
  void takeDecoy(int product, int[] supports) {
    decoyPairs[product]++;
    lose(Filter.OFF_TARGET);
    for (int sequence : supports) {
      support[product][sequence]++;
    }
  }

  /** A number for a set of sequences, which many pairs share. */
  int supportId(int[] sequences) {
    return supportIds.computeIfAbsent(
        new IntKey(sequences),
        k -> {
          supportSets.add(sequences);
          return supportSets.size() - 1;
        });
  }

  /** Ends the collection: of too many pairs the rest is dropped, and support is counted. */
  void settle() {
    for (int p = 0; p < stores.length; p++) {
      stores[p].thin();
      unexplained[p].thin();
      loseDropped(stores[p]);
    }
    new GapSorter(catalog, ruleset, this).sort();
    for (int p = 0; p < stores.length; p++) {
      for (int pair = 0; pair < stores[p].size(); pair++) {
        for (int sequence : supportSets.get(stores[p].support(pair))) {
          support[p][sequence]++;
        }
      }
    }
    supportIds.clear();
    supportSets.clear();
  }

  private void loseDropped(PairStore store) {
    for (int dropped = store.dropped(); dropped > 0; dropped--) {
      lose(Filter.BEYOND_DEPTH_CAP);
    }
  }

  /**
   * Puts other pairs in the place of a product's, of which some were taken for lost before.
   *
   * @param from the product whose unexplained pairs they were
   * @param known the pairs that are explained now
   * @param strangers the pairs of the other product that are not
   */
  void explain(int product, PairStore known, int from, PairStore strangers) {
    for (int found = unexplained[from].size() - strangers.size(); found > 0; found--) {
      keep(Filter.NO_ALLELE_WITHIN_TOLERANCE);
    }
    known.thin();
    loseDropped(known);
    stores[product] = known;
    unexplained[from] = strangers;
  }

  /** Whether a product is of a gene that is not typed. */
  boolean isDecoy(int product) {
    return catalog.products().get(product).isDecoy();
  }

  /** A product's pairs. */
  public PairStore store(int product) {
    return stores[product];
  }

  /** A gene's pairs over all its amplicons. */
  public int pairs(String gene) {
    int pairs = 0;
    for (int p = 0; p < stores.length; p++) {
      pairs += isOwn(p, gene) ? stores[p].size() : 0;
    }
    return pairs;
  }

  /** Amplicons of a gene with at least so many pairs. */
  int amplicons(String gene, int least) {
    int amplicons = 0;
    for (int p = 0; p < stores.length; p++) {
      amplicons += isOwn(p, gene) && stores[p].size() >= least ? 1 : 0;
    }
    return amplicons;
  }

  private boolean isOwn(int product, String gene) {
    return catalog.products().get(product).isOwnOf(gene);
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
