package org.gems.typer.haplotype;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers distinct sequences in the order in which they first come. A sequence is written into a
 * draft, which is copied only where it is new.
 */
final class SequenceIds {
  private static final int NONE = -1;

  private final List<byte[]> sequences = new ArrayList<>();
  private int[] hashes = new int[64];
  private int[] slots = new int[256];
  private byte[] draft = new byte[1024];
  private int length;

  SequenceIds() {
    Arrays.fill(slots, NONE);
  }

  /** Begins a new draft. */
  void begin() {
    length = 0;
  }

  /** Appends the bases of a piece from one column to another to the draft. */
  void append(Piece piece, int from, int to) {
    if (length + Math.max(0, to - from) > draft.length) {
      draft = Arrays.copyOf(draft, Math.max(draft.length * 2, length + to - from));
    }
    length = piece.writeCodes(from, to, draft, length);
  }

  /** Bases of the draft. */
  int length() {
    return length;
  }

  /** The number of the sequence in the draft. */
  int id() {
    int hash = 1;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + draft[i];
    }
    int slot = start(hash);
    while (slots[slot] != NONE) {
      int id = slots[slot];
      byte[] known = sequences.get(id);
      if (hashes[id] == hash && Arrays.equals(known, 0, known.length, draft, 0, length)) {
        return id;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    slots[slot] = sequences.size();
    return add(hash);
  }

  private int add(int hash) {
    int id = sequences.size();
    if (id == hashes.length) {
      hashes = Arrays.copyOf(hashes, id * 2);
    }
    hashes[id] = hash;
    sequences.add(Arrays.copyOf(draft, length));
    if (sequences.size() * 2 > slots.length) {
      grow();
    }
    return id;
  }

  private void grow() {
    slots = new int[slots.length * 2];
    Arrays.fill(slots, NONE);
    for (int id = 0; id < sequences.size(); id++) {
      int slot = start(hashes[id]);
      while (slots[slot] != NONE) {
        slot = (slot + 1) & (slots.length - 1);
      }
      slots[slot] = id;
    }
  }

  private int start(int hash) {
    return ((hash * 0x9E3779B9) >>> 8) & (slots.length - 1);
  }

  /** All sequences by number. */
  byte[][] all() {
    return sequences.toArray(byte[][]::new);
  }
}
