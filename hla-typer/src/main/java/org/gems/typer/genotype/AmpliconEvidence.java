package org.gems.typer.genotype;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.gems.typer.evidence.NearestSequences;
import org.gems.typer.evidence.PairStore;
import org.gems.typer.evidence.Product;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * The pairs of one amplicon against the few sequences that they support. A likelihood is relative
 * to the best sequence that any gene offers for the pair, so it lies between 0 and 1.
 */
public final class AmpliconEvidence {
  /** A sequence that loses so much more than the best has no likelihood that a float can add. */
  private static final int NEGLIGIBLE = 40 * QualityModel.LOSS_SCALE;

  private final Product product;
  private final PairStore store;
  private final int[] haplotypes;
  private final float[] likelihoods;
  private final int[] indexOf;

  private AmpliconEvidence(
      Product product, PairStore store, int[] haplotypes, float[] likelihoods, int[] sameAs) {
    this.product = product;
    this.store = store;
    this.haplotypes = haplotypes;
    this.likelihoods = likelihoods;
    this.indexOf = new int[product.haplotypes().size()];
    java.util.Arrays.fill(indexOf, -1);
    for (int i = 0; i < haplotypes.length; i++) {
      indexOf[haplotypes[i]] = i;
    }
    for (int h = 0; h < indexOf.length; h++) {
      indexOf[h] = indexOf[sameAs[h]];
    }
  }

  /**
   * Weighs the pairs of a product.
   *
   * @param support how many pairs each sequence explains about as well as the best
   */
  public static AmpliconEvidence of(
      Product product, PairStore store, int[] support, Ruleset ruleset) {
    double least =
        Math.max(
            ruleset.get(Threshold.SUPPORT_MINIMUM_PAIRS),
            ruleset.get(Threshold.SUPPORT_MINIMUM_SHARE) * store.size());
    int[] sameAs = UnreadBases.sameAs(product.haplotypes(), store);
    int[] chosen =
        IntStream.range(0, support.length)
            .filter(h -> support[h] >= least && sameAs[h] == h)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(h -> -support[h])
                    .thenComparing(Comparator.naturalOrder()))
            .limit(ruleset.count(Threshold.SUPPORT_MAXIMUM_HAPLOTYPES))
            .mapToInt(Integer::intValue)
            .toArray();
    QualityModel qualities = new QualityModel(ruleset.get(Threshold.BASE_ERROR_FLOOR));
    float[] likelihoods = likelihoods(product.haplotypes(), store, chosen, qualities);
    return new AmpliconEvidence(product, store, chosen, likelihoods, sameAs);
  }

  private static float likelihood(int more) {
    return (float) Math.min(1, Math.exp(-(double) more / QualityModel.LOSS_SCALE));
  }

  private static float[] likelihoods(
      HaplotypeSet set, PairStore store, int[] chosen, QualityModel qualities) {
    NearestSequences pairs = new NearestSequences(qualities);
    float[] result = new float[store.size() * chosen.length];
    for (int p = 0; p < store.size(); p++) {
      pairs.load(store.left(p), store.right(p));
      int least = store.leastLoss(p);
      for (int h = 0; h < chosen.length; h++) {
        int more = pairs.loss(set, chosen[h], least + NEGLIGIBLE) - least;
        result[h * store.size() + p] = more > NEGLIGIBLE ? 0 : likelihood(more);
      }
    }
    return result;
  }

  /** The product that the pairs come from. */
  public Product product() {
    return product;
  }

  /** The pairs themselves. */
  public PairStore store() {
    return store;
  }

  /** Number of pairs. */
  public int pairs() {
    return store.size();
  }

  /** Number of supported sequences. */
  public int size() {
    return haplotypes.length;
  }

  /** The sequence of the product's set that a supported one is. */
  public int haplotype(int index) {
    return haplotypes[index];
  }

  /** Index among the supported of a sequence of the product's set, or of its twin, or -1. */
  public int indexOf(int haplotype) {
    return indexOf[haplotype];
  }

  /** Relative likelihood of a pair given a supported sequence; 0 for index -1, no sequence. */
  public float likelihood(int index, int pair) {
    return index < 0 ? 0 : likelihoods[index * store.size() + pair];
  }
}
