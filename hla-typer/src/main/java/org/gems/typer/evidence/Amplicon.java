package org.gems.typer.evidence;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.genotype.OptionSets;
import org.gems.typer.genotype.Place;
import org.gems.typer.genotype.Places;
import org.gems.typer.genotype.Region;
import org.gems.typer.genotype.Shown;
import org.gems.typer.genotype.Target;
import org.gems.typer.genotype.WeighedPairs;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** The pairs of one amplicon against the few sequences that they support. */
public final class Amplicon implements Target, Region {
  /** A sequence that loses so much more than the best has no likelihood that a float can add. */
  private static final int NEGLIGIBLE = 40 * QualityModel.LOSS_SCALE;

  private final Product product;
  private final PairStore store;
  private final SequencePlaces sequencePlaces;
  private final Ruleset ruleset;
  private final int index;
  private final int[] haplotypes;
  private final WeighedPairs weighed;

  /** By allele and sequence; filled where pairs of this amplicon have gaps. */
  private final Map<Long, Places> placesOf = new ConcurrentHashMap<>();

  /** Made when the first pair asks for it; one thread at a time looks at what a gene leaves. */
  private NearestSequences explainer;

  private final int strong;

  /**
   * Weighs the pairs of a product.
   *
   * @param index of the amplicon among the gene's targets
   * @param support how many pairs each sequence explains about as well as the best
   */
  Amplicon(
      SequencePlaces sequencePlaces,
      Ruleset ruleset,
      int index,
      Product product,
      PairStore store,
      int[] support) {
    this.product = product;
    this.store = store;
    this.sequencePlaces = sequencePlaces;
    this.ruleset = ruleset;
    this.index = index;
    this.strong = ruleset.count(Threshold.STRONG_BASE_QUALITY);
    int[] sameAs = UnreadBases.sameAs(product.haplotypes(), store);
    haplotypes = supported(support, sameAs);
    int[] weighedAs = new int[product.haplotypes().size()];
    Arrays.fill(weighedAs, OptionSets.NONE);
    for (int i = 0; i < haplotypes.length; i++) {
      weighedAs[haplotypes[i]] = i;
    }
    for (int h = 0; h < weighedAs.length; h++) {
      weighedAs[h] = weighedAs[sameAs[h]];
    }
    OptionSets options =
        OptionSets.of(
            product.table().alleles().size(),
            this::sequencesOf,
            weighedAs,
            (sequences, some) -> sequences);
    weighed =
        WeighedPairs.of(
            ruleset, Threshold.SHARE_PRIOR_COUNTS, store.size(), likelihoods(), weighedAs, options);
  }

  private int[] supported(int[] support, int[] sameAs) {
    double least =
        Math.max(
            ruleset.get(Threshold.SUPPORT_MINIMUM_PAIRS),
            ruleset.get(Threshold.SUPPORT_MINIMUM_SHARE) * store.size());
    return IntStream.range(0, support.length)
        .filter(h -> support[h] >= least && sameAs[h] == h)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingInt(h -> -support[h])
                .thenComparing(Comparator.naturalOrder()))
        .limit(ruleset.count(Threshold.SUPPORT_MAXIMUM_HAPLOTYPES))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private float[][] likelihoods() {
    HaplotypeSet set = product.haplotypes();
    NearestSequences pairs = nearest();
    float[][] result = new float[haplotypes.length][store.size()];
    for (int p = 0; p < store.size(); p++) {
      pairs.load(store.left(p), store.right(p));
      int least = store.leastLoss(p);
      for (int h = 0; h < haplotypes.length; h++) {
        int more = pairs.loss(set, haplotypes[h], least + NEGLIGIBLE) - least;
        result[h][p] = more > NEGLIGIBLE ? 0 : likelihood(more);
      }
    }
    return result;
  }

  private NearestSequences nearest() {
    return new NearestSequences(QualityModel.of(ruleset));
  }

  private static float likelihood(int more) {
    return (float) Math.min(1, Math.exp(-(double) more / QualityModel.LOSS_SCALE));
  }

  @Override
  public String name() {
    return product.row().amplicon();
  }

  @Override
  public WeighedPairs weighed() {
    return weighed;
  }

  @Override
  public List<Integer> targets() {
    return List.of(index);
  }

  @Override
  public Places places(int allele, int[] optionsByTarget) {
    return places(allele, optionsByTarget[index]);
  }

  @Override
  public Places places(int allele, int sequence) {
    byte[] bases = sequence == OptionSets.NONE ? new byte[0] : sequence(sequence);
    List<Place> places =
        bases.length == 0 ? List.of() : sequencePlaces.nearest(product, allele, bases);
    return Places.of(product.table(), allele, places, bases);
  }

  /** Base codes of a weighed sequence. */
  public byte[] sequence(int option) {
    return product.haplotypes().sequence(haplotypes[option]);
  }

  @Override
  public void show(int pair, Places places, Shown into) {
    into.clear();
    byte[] data = store.data();
    int length = places.size();
    int leftEnd = Math.min(length, store.leftLength(pair));
    int rightFrom = Math.max(0, length - store.rightLength(pair));
    int left = store.leftStart(pair);
    int right = store.rightStart(pair) + length - 1;
    for (int i = 0; i < length; i = i + 1 == leftEnd ? Math.max(leftEnd, rightFrom) : i + 1) {
      int column = places.columns()[i];
      if (column >= 0) {
        boolean isLeft = i < leftEnd;
        boolean isRight = i >= rightFrom;
        if (isLeft && isRight) {
          byte one = data[left + i];
          byte two = data[right - i];
          into.addBoth(column, base(one), quality(one), other(two), quality(two), strong);
        } else if (isLeft) {
          into.add(column, base(data[left + i]), quality(data[left + i]));
        } else {
          into.add(column, other(data[right - i]), quality(data[right - i]));
        }
      }
    }
  }

  private static byte quality(byte packed) {
    return (byte) PackedRead.quality(packed);
  }

  private static byte base(byte packed) {
    return packed == 0 ? Shown.NOTHING : (byte) PackedRead.base(packed);
  }

  private static byte other(byte packed) {
    return packed == 0 ? Shown.NOTHING : (byte) (3 - PackedRead.base(packed));
  }

  @Override
  public List<LaidRead> laidOn(int pair, int allele, int sequence) {
    if (!store.hasGaps() || sequence == OptionSets.NONE) {
      return List.of();
    }
    Places places =
        placesOf.computeIfAbsent(
            (long) allele << Integer.SIZE | sequence, key -> places(allele, sequence));
    return AnchoredRead.of(product.haplotypes(), store, pair, places, haplotypes[sequence]);
  }

  @Override
  public boolean isAnchored() {
    return true;
  }

  @Override
  public int[] sequencesOf(int allele) {
    return product.haplotypes().optionsOf(allele);
  }

  @Override
  public BitSet explaining(int pair) {
    explainer = explainer == null ? nearest() : explainer;
    NearestSequences nearest = explainer;
    nearest.load(store.left(pair), store.right(pair));
    int margin = QualityModel.thousandths(ruleset, Threshold.SUPPORT_MARGIN_LN);
    nearest.search(product.haplotypes(), store.leastLoss(pair), margin);
    BitSet found = new BitSet(sequences());
    for (int i = 0; i < nearest.size(); i++) {
      found.set(nearest.sequence(i));
    }
    return found;
  }

  @Override
  public float bestLikelihood(int pair) {
    return 1;
  }

  /** The amplicon's row and gene. */
  public Product product() {
    return product;
  }

  /** The pairs themselves. */
  public PairStore store() {
    return store;
  }

  /** Whether reads lie over a column, or on both its sides, of an allele. */
  boolean isRead(int allele, int column) {
    int[] own = OptionSets.weighed(sequencesOf(allele), weighed.weighedAs());
    if (own.length == 0) {
      return false;
    }
    int[] columns = places(allele, own[0]).columns();
    int at = 0;
    while (at < columns.length && columns[at] < column) {
      at++;
    }
    boolean isInside = at > 0 && at < columns.length;
    return isInside && isReached(at, columns.length) && isReached(at - 1, columns.length);
  }

  private boolean isReached(int base, int length) {
    return IntStream.range(0, store.size())
        .anyMatch(p -> base < store.leftLength(p) || base >= length - store.rightLength(p));
  }
}
