package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The places that a read's k-mers have in the genes. */
final class Hits {
  /** Bases between the k-mers that are looked up; those between are laid by walking. */
  private static final int STEP = 4;

  private final KmerIndex index;
  private final int[][] offsets;
  private final long[][] places;
  private final int[] counts;
  private long[] keys = new long[0];
  private long[] stored = new long[0];
  private int[] starts = new int[0];
  private int[] slots = new int[0];

  Hits(KmerIndex index, int genes) {
    this.index = index;
    this.offsets = new int[genes][64];
    this.places = new long[genes][64];
    this.counts = new int[genes];
  }

  /** Looks up every so many k-mers of a strand and answers how many are known, up to enough. */
  int probe(Strand strand, int step, int enough) {
    int known = 0;
    long key = 0;
    long mask = (1L << (2 * index.k())) - 1;
    int bases = 0;
    for (int i = 0; i < strand.length() && known < enough; i++) {
      int code = KmerIndex.code(strand.base(i));
      key = ((key << 2) | (code & 3)) & mask;
      bases = code < 0 ? 0 : bases + 1;
      if (bases >= index.k() && i % step == 0 && index.find(key) >= 0) {
        known++;
      }
    }
    return known;
  }

  /** Collects the places of a strand's k-mers, of every so many one and of the last. */
  void collect(Strand strand) {
    Arrays.fill(counts, 0);
    int known = 0;
    long key = 0;
    long mask = (1L << (2 * index.k())) - 1;
    int bases = 0;
    makeRoom(strand.length() / STEP + 2);
    for (int i = 0; i < strand.length(); i++) {
      int code = KmerIndex.code(strand.base(i));
      key = ((key << 2) | (code & 3)) & mask;
      bases = code < 0 ? 0 : bases + 1;
      boolean isLookedUp = i % STEP == 0 || i == strand.length() - 1;
      if (isLookedUp && bases >= index.k()) {
        keys[known] = key;
        starts[known++] = i - index.k() + 1;
      }
    }
    index.find(keys, known, stored, slots);
    for (int i = 0; i < known; i++) {
      for (int slot = slots[i]; slot >= 0; slot = index.findNext(keys[i], slot)) {
        add(starts[i], index.placeAt(slot));
      }
    }
  }

  private void makeRoom(int kmers) {
    if (keys.length < kmers) {
      keys = new long[kmers];
      stored = new long[kmers];
      starts = new int[kmers];
      slots = new int[kmers];
    }
  }

  private void add(int offset, long place) {
    int gene = KmerIndex.gene(place);
    int n = counts[gene]++;
    if (n == offsets[gene].length) {
      offsets[gene] = Arrays.copyOf(offsets[gene], n * 2);
      places[gene] = Arrays.copyOf(places[gene], n * 2);
    }
    offsets[gene][n] = offset;
    places[gene][n] = place;
  }

  /** Genes with at least a share of the places of the gene that has most. */
  List<Integer> genes(double share) {
    int most = 0;
    for (int count : counts) {
      most = Math.max(most, count);
    }
    List<Integer> found = new ArrayList<>();
    for (int g = 0; g < counts.length; g++) {
      if (counts[g] > 0 && counts[g] >= share * most) {
        found.add(g);
      }
    }
    return found;
  }

  int count(int gene) {
    return counts[gene];
  }

  /** Where in the read a place's k-mer begins. */
  int offset(int gene, int i) {
    return offsets[gene][i];
  }

  long place(int gene, int i) {
    return places[gene][i];
  }
}
