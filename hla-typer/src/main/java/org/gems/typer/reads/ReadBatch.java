package org.gems.typer.reads;

import java.util.Arrays;

/**
 * Some fragments' reads in the order of their file, copied so that another thread may look at them.
 * A fragment has one read or two.
 */
public final class ReadBatch {
  /** Fragments of a batch: some milliseconds of work. */
  public static final int CAPACITY = 1024;

  private final int[] ends = new int[2 * CAPACITY];
  private byte[] bases = new byte[2 * CAPACITY * 160];
  private byte[] qualities = new byte[bases.length];
  private final long[] names = new long[CAPACITY];
  private int reads;

  void addFragment(FastqRecord first, FastqRecord second, LeadingBases leading) {
    names[size()] = first.templateHash();
    add(first, leading.first());
    add(second, leading.second());
  }

  /** Adds a fragment of two ASCII reads whose bases all have one quality (Phred+33). */
  public void addFragment(byte[] first, byte[] second, byte quality) {
    names[size()] = size();
    for (byte[] read : new byte[][] {first, second}) {
      byte[] uniform = new byte[read.length];
      Arrays.fill(uniform, quality);
      add(read, uniform, 0, read.length);
    }
  }

  /** Adds a read; none where there is no record. */
  private void add(FastqRecord record, int leading) {
    if (record == null) {
      add(bases, qualities, 0, 0);
    } else {
      int end = PolyG.lengthBefore(record.bases(), record.length());
      int from = Math.min(leading, end);
      add(record.bases(), record.qualities(), from, end - from);
    }
  }

  private void add(byte[] read, byte[] itsQualities, int from, int length) {
    int start = start(reads);
    if (start + length > bases.length) {
      bases = Arrays.copyOf(bases, Math.max(2 * bases.length, start + length));
      qualities = Arrays.copyOf(qualities, bases.length);
    }
    System.arraycopy(read, from, bases, start, length);
    System.arraycopy(itsQualities, from, qualities, start, length);
    ends[reads++] = start + length;
  }

  boolean isFull() {
    return reads == ends.length;
  }

  /** Fragments in the batch. */
  public int size() {
    return reads / 2;
  }

  /** A number made of a fragment's name, by which too many are thinned whatever their order. */
  public long name(int fragment) {
    return names[fragment];
  }

  /** Index into the bases of a fragment's read, 0 or 1. */
  public int start(int fragment, int mate) {
    return start(2 * fragment + mate);
  }

  private int start(int read) {
    return read == 0 ? 0 : ends[read - 1];
  }

  /** Bases of a fragment's read; 0 where it has no second one. */
  public int length(int fragment, int mate) {
    return ends[2 * fragment + mate] - start(fragment, mate);
  }

  /** ASCII bases of all reads, one after the other. */
  public byte[] bases() {
    return bases;
  }

  /** ASCII qualities (Phred+33), placed like the bases. */
  public byte[] qualities() {
    return qualities;
  }
}
