package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * K-mers with their places: an open hash of primitive arrays. A k-mer may have several entries, but
 * one a gene: the first that was added.
 */
final class KmerPlaces {
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private long[] keys;
  private long[] places;
  private int size;

  /** An empty table with room for so many entries, a power of two; it grows. */
  KmerPlaces(int room) {
    keys = new long[room];
    places = new long[room];
  }

  /** Adds a k-mer's place, but where its gene already has one. */
  void add(long key, long place) {
    if (size * 2 > keys.length) {
      grow();
    }
    int slot = slot(key);
    while (keys[slot] != 0) {
      if (keys[slot] == key + 1 && KmerIndex.gene(places[slot]) == KmerIndex.gene(place)) {
        return;
      }
      slot = (slot + 1) & (keys.length - 1);
    }
    keys[slot] = key + 1;
    places[slot] = place;
    size++;
  }

  /** Adds all entries of another table. */
  void addAll(KmerPlaces other) {
    for (int slot = 0; slot < other.keys.length; slot++) {
      if (other.keys[slot] != 0) {
        add(other.keys[slot] - 1, other.places[slot]);
      }
    }
  }

  /** All k-mers, one as often as it has entries. */
  LongStream keys() {
    return Arrays.stream(keys).filter(key -> key != 0).map(key -> key - 1);
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

  /** The place of an entry. */
  long placeAt(int slot) {
    return places[slot];
  }
}
