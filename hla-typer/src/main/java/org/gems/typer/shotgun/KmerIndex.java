package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the k-mers of all genes lie. A k-mer has one place for each gene that has it: a row of a
 * feature and the column of its first base.
 */
final class KmerIndex {
  private static final int ROW_BITS = 16;
  private static final int COLUMN_BITS = 16;
  private static final int FEATURE_BITS = 6;

  /** The highest bit of a feature. */
  private static final int SPLICED = 1 << (FEATURE_BITS - 1);

  private static final byte[] CODE = new byte[256];

  static {
    Arrays.fill(CODE, (byte) -1);
    for (int i = 0; i < 4; i++) {
      CODE["ACGT".charAt(i)] = (byte) i;
    }
  }

  private final int k;
  private final KmerPlaces places;
  private final KmerFilter filter = new KmerFilter();

  /** Indexes all genes. */
  KmerIndex(int k, List<Gene> genes) {
    this.k = k;
    List<KmerPlaces> own =
        IntStream.range(0, genes.size())
            .parallel()
            .mapToObj(g -> GeneKmers.of(k, g, genes.get(g)))
            .toList();
    places = new KmerPlaces(own.stream().mapToInt(KmerPlaces::size).sum());
    own.forEach(places::addAll);
    places.keys().forEach(filter::add);
  }

  /** Bases of a k-mer. */
  int k() {
    return k;
  }

  /** Two bits of a base, or -1. */
  static int code(byte symbol) {
    return CODE[symbol];
  }

  /**
   * A place.
   *
   * @param spliced whether the k-mer goes on in the next exon, and not in the intron between
   */
  static long place(int gene, int feature, boolean spliced, int rowIndex, int column) {
    int marked = spliced ? feature | SPLICED : feature;
    long row = (((long) gene << FEATURE_BITS) | marked) << ROW_BITS;
    return ((row | rowIndex) << COLUMN_BITS) | column;
  }

  static int gene(long place) {
    return (int) (place >>> (FEATURE_BITS + ROW_BITS + COLUMN_BITS));
  }

  static int feature(long place) {
    return (int) (place >>> (ROW_BITS + COLUMN_BITS)) & (SPLICED - 1);
  }

  static boolean isSpliced(long place) {
    return (place >>> (ROW_BITS + COLUMN_BITS) & SPLICED) != 0;
  }

  static int row(long place) {
    return (int) (place >>> COLUMN_BITS) & ((1 << ROW_BITS) - 1);
  }

  static int column(long place) {
    return (int) place & ((1 << COLUMN_BITS) - 1);
  }

  /** The slot of a k-mer's first entry, or -1. */
  int find(long key) {
    return filter.mayHave(key) ? places.find(key) : -1;
  }

  /** The slots of many k-mers' first entries, or -1; see {@link KmerPlaces}. */
  void find(long[] keys, int count, long[] stored, int[] slots) {
    places.find(keys, count, stored, slots);
  }

  /** The slot of its next entry, or -1. */
  int findNext(long key, int slot) {
    return places.findNext(key, slot);
  }

  /** The place of an entry, to be taken apart by the accessors. */
  long placeAt(int slot) {
    return places.placeAt(slot);
  }
}
