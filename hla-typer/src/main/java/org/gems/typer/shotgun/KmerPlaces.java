package org.gems.typer.shotgun;

import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * K-mers with their places: an open hash of primitive arrays. A k-mer may have several entries, but
 * one a gene: the first that was added.
 */
final class KmerPlaces {
  private static final long MIX = 0x9E3779B97F4A7C15L;

  /** Key and place of a slot stand side by side: one look into memory for both. */
  private long[] entries;

  private int size;

  /** An empty table with room for so many entries; it grows. */
  KmerPlaces(int room) {
    entries = new long[2 * Integer.highestOneBit(Math.max(1, room * 2 - 1) * 2)];
  }

  int size() {
    return size;
  }

  /** Adds a k-mer's place, but where its gene already has one. */
  void add(long key, long place) {
    if (size * 4 > entries.length) {
      grow();
    }
    int slot = slot(key);
    while (entries[slot] != 0) {
      boolean isSame = entries[slot] == key + 1;
      if (isSame && KmerIndex.gene(entries[slot + 1]) == KmerIndex.gene(place)) {
        return;
      }
      slot = next(slot);
    }
    put(slot, key + 1, place);
    size++;
  }

  private void put(int slot, long stored, long place) {
    entries[slot] = stored;
    entries[slot + 1] = place;
  }

  /** Adds all entries of another table. */
  void addAll(KmerPlaces other) {
    for (int slot = 0; slot < other.entries.length; slot += 2) {
      if (other.entries[slot] != 0) {
        add(other.entries[slot] - 1, other.entries[slot + 1]);
      }
    }
  }

  /** All k-mers, one as often as it has entries. */
  LongStream keys() {
    return IntStream.range(0, entries.length / 2)
        .mapToLong(slot -> entries[2 * slot] - 1)
        .filter(key -> key >= 0);
  }

  private void grow() {
    long[] old = entries;
    entries = new long[old.length * 2];
    for (int from = 0; from < old.length; from += 2) {
      if (old[from] != 0) {
        int slot = slot(old[from] - 1);
        while (entries[slot] != 0) {
          slot = next(slot);
        }
        put(slot, old[from], old[from + 1]);
      }
    }
  }

  /** The slot of a k-mer: an even index, by the high bits of a product. */
  private int slot(long key) {
    return (int) ((key * MIX) >>> (65 - Integer.numberOfTrailingZeros(entries.length))) << 1;
  }

  private int next(int slot) {
    return (slot + 2) & (entries.length - 1);
  }

  /** The slot of a k-mer's first entry, or -1. */
  int find(long key) {
    return seek(key, slot(key));
  }

  /** The slot of its next entry, or -1. */
  int findNext(long key, int slot) {
    return seek(key, next(slot));
  }

  private int seek(long key, int from) {
    int slot = from;
    while (entries[slot] != 0) {
      if (entries[slot] == key + 1) {
        return slot;
      }
      slot = next(slot);
    }
    return -1;
  }

  /** The place of an entry. */
  long placeAt(int slot) {
    return entries[slot + 1];
  }
}
