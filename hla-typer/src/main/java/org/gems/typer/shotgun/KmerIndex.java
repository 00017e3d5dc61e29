package org.gems.typer.shotgun;

import java.util.List;

/**
 * Where the k-mers of all genes lie: an open hash of primitive arrays. A k-mer has one entry for
 * each gene that has it, at the first place found.
 */
final class KmerIndex {
  private static final long MIX = 0x9E3779B97F4A7C15L;
  private static final int ROW_BITS = 16;
  private static final int COLUMN_BITS = 16;
  private static final int FEATURE_BITS = 6;

  private final int k;
  private long[] keys = new long[1 << 20];
  private long[] places = new long[1 << 20];
  private int size;

  /** Indexes the rows of all features of all genes. */
  KmerIndex(int k, List<Gene> genes) {
    this.k = k;
    for (int g = 0; g < genes.size(); g++) {
      List<FeatureTable> features = genes.get(g).features();
      for (int f = 0; f < features.size(); f++) {
        for (int row = 0; row < features.get(f).rows(); row++) {
          addRow(features.get(f), g, f, row);
        }
      }
    }
  }

  /** Bases of a k-mer. */
  int k() {
    return k;
  }

  /** Adds a row's k-mers, but for those that it shares, in place, with the first row. */
  private void addRow(FeatureTable feature, int gene, int featureIndex, int rowIndex) {
    byte[] row = feature.row(rowIndex);
    byte[] first = feature.row(0);
    int[] columns = new int[row.length];
    int bases = 0;
    int lastDifference = -1;
    long key = 0;
    long mask = (1L << (2 * k)) - 1;
    for (int c = 0; c < row.length; c++) {
      if (row[c] != first[c]) {
        lastDifference = c;
      }
      int code = code(row[c]);
      if (code < 0) {
        bases = row[c] == '.' ? bases : 0;
        continue;
      }
      key = ((key << 2) | code) & mask;
      columns[bases++] = c;
      if (bases >= k) {
        int from = columns[bases - k];
        if (rowIndex == 0 || from <= lastDifference) {
          add(key, place(gene, featureIndex, rowIndex, from));
        }
      }
    }
  }

  /** Two bits of a base, or -1. */
  static int code(byte symbol) {
    return switch (symbol) {
      case 'A' -> 0;
      case 'C' -> 1;
      case 'G' -> 2;
      case 'T' -> 3;
      default -> -1;
    };
  }

  private static long place(int gene, int feature, int rowIndex, int column) {
    long row = (((long) gene << FEATURE_BITS) | feature) << ROW_BITS;
    return ((row | rowIndex) << COLUMN_BITS) | column;
  }

  static int gene(long place) {
    return (int) (place >>> (FEATURE_BITS + ROW_BITS + COLUMN_BITS));
  }

  static int feature(long place) {
    return (int) (place >>> (ROW_BITS + COLUMN_BITS)) & ((1 << FEATURE_BITS) - 1);
  }

  static int row(long place) {
    return (int) (place >>> COLUMN_BITS) & ((1 << ROW_BITS) - 1);
  }

  static int column(long place) {
    return (int) place & ((1 << COLUMN_BITS) - 1);
  }

  private void add(long key, long place) {
    if (size * 2 > keys.length) {
      grow();
    }
    int slot = slot(key);
    while (keys[slot] != 0) {
      if (keys[slot] == key + 1 && gene(places[slot]) == gene(place)) {
        return;
      }
      slot = (slot + 1) & (keys.length - 1);
    }
    keys[slot] = key + 1;
    places[slot] = place;
    size++;
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldPlaces = places;
    keys = new long[oldKeys.length * 2];
    places = new long[oldKeys.length * 2];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int slot = slot(oldKeys[i] - 1);
        while (keys[slot] != 0) {
          slot = (slot + 1) & (keys.length - 1);
        }
        keys[slot] = oldKeys[i];
        places[slot] = oldPlaces[i];
      }
    }
  }

  private int slot(long key) {
    return (int) ((key * MIX) >>> (64 - Integer.numberOfTrailingZeros(keys.length)));
  }

  /** The slot of a k-mer's first entry, or -1. */
  int find(long key) {
    return seek(key, slot(key));
  }

  /** The slot of its next entry, or -1. */
  int findNext(long key, int slot) {
    return seek(key, (slot + 1) & (keys.length - 1));
  }

  private int seek(long key, int from) {
    int slot = from;
    while (keys[slot] != 0) {
      if (keys[slot] == key + 1) {
        return slot;
      }
      slot = (slot + 1) & (keys.length - 1);
    }
    return -1;
  }

  /** The place of an entry, to be taken apart by the accessors. */
  long placeAt(int slot) {
    return places[slot];
  }
}
