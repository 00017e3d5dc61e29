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

  /** Bits of a product that are no part of a slot's number. */
  private int shift;

  private int size;

  /** An empty table with room for so many entries; it grows. */
  KmerPlaces(int room) {
    makeRoom(2 * Integer.highestOneBit(Math.max(1, room * 2 - 1) * 2));
  }

  private void makeRoom(int length) {
    entries = new long[length];
    shift = 65 - Integer.numberOfTrailingZeros(length);
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
    makeRoom(old.length * 2);
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
    return (int) ((key * MIX) >>> shift) << 1;
  }

  private int next(int slot) {
    return (slot + 2) & (entries.length - 1);
  }

  /** The slot of a k-mer's first entry, or -1. */
  int find(long key) {
    return seek(key, slot(key));
  }

  /**
   * Finds many k-mers. The table is larger than a processor's caches: their first entries are
   * looked at one after the other, so that none waits until another one has come from memory.
   *
   * @param stored room for as many numbers, overwritten
   * @param slots of each k-mer the slot of its first entry, or -1; overwritten
   */
  void find(long[] keys, int count, long[] stored, int[] slots) {
    long[] all = entries;
    for (int i = 0; i < count; i++) {
      slots[i] = slot(keys[i]);
    }
    for (int i = 0; i < count; i++) {
      stored[i] = all[slots[i]];
    }
    for (int i = 0; i < count; i++) {
      if (stored[i] != keys[i] + 1) {
        slots[i] = stored[i] == 0 ? -1 : seek(keys[i], next(slots[i]));
      }
    }
  }

  /** The slot of its next entry, or -1. */
  int findNext(long key, int slot) {
    return seek(key, next(slot));
  }

  private int seek(long key, int from) {
    long[] all = entries;
    int mask = all.length - 1;
    int slot = from;
    for (long stored = all[slot]; stored != 0; stored = all[slot]) {
      if (stored == key + 1) {
        return slot;
      }
      slot = (slot + 2) & mask;
    }
    return -1;
  }

  /** The place of an entry. */
  long placeAt(int slot) {
    return entries[slot + 1];
  }
}
