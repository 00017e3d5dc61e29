package org.gems.typer.index;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Gathers numbers, texts and blocks, to be read in the same order by an {@link IndexReader}. */
public final class IndexWriter {
  static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  /** Java's arrays end a little below 2 GiB, and the file has a header too. */
  private static final int MOST_BYTES = Integer.MAX_VALUE - 1024;

  private static final int FIRST_BYTES = 1 << 16;

  private final int limit;
  private ByteBuffer bytes;

  /** A writer of as much as a file can hold. */
  public IndexWriter() {
    this(MOST_BYTES);
  }

  /**
   * A writer of so many bytes; all that is appended beyond them throws {@link
   * IndexTooLargeException}.
   */
  public IndexWriter(int limit) {
    this.limit = Math.min(limit, MOST_BYTES);
    this.bytes = ByteBuffer.allocate(Math.min(FIRST_BYTES, this.limit)).order(ORDER);
  }

  /** Appends a number. */
  public void number(int value) {
    room(Integer.BYTES).putInt(value);
  }

  /** Appends a text. */
  public void text(String value) {
    bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Appends bytes. */
  public void bytes(byte[] values) {
    number(values.length);
    room(values.length).put(values);
  }

  /** Appends numbers. */
  public void numbers(int[] values) {
    number(values.length);
    room((long) values.length * Integer.BYTES);
    bytes.asIntBuffer().put(values);
    bytes.position(bytes.position() + values.length * Integer.BYTES);
  }

  /** Appends long numbers. */
  public void longs(long[] values) {
    number(values.length);
    room((long) values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    bytes.position(bytes.position() + values.length * Long.BYTES);
  }

  /** Appends another writer's content, which a reader may skip. */
  public void block(IndexWriter other) {
    ByteBuffer content = other.content();
    number(content.remaining());
    room(content.remaining()).put(content);
  }

  /** What was written. */
  ByteBuffer content() {
    return bytes.duplicate().order(ORDER).flip();
  }

  private ByteBuffer room(long needed) {
    if (bytes.remaining() < needed) {
      long least = bytes.position() + needed;
      if (least > limit) {
        throw new IndexTooLargeException(limit);
      }
      int size = (int) Math.min(limit, Math.max(2L * bytes.capacity(), least));
      bytes = ByteBuffer.allocate(size).order(ORDER).put(content());
    }
    return bytes;
  }
}
