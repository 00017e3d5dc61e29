package org.gems.typer.index;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Gathers numbers, texts and blocks, to be read in the same order by an {@link IndexReader}. */
public final class IndexWriter {
  static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  private ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ORDER);

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
    room(values.length * Integer.BYTES);
    bytes.asIntBuffer().put(values);
    bytes.position(bytes.position() + values.length * Integer.BYTES);
  }

  /** Appends long numbers. */
  public void longs(long[] values) {
    number(values.length);
    room(values.length * Long.BYTES);
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

  private ByteBuffer room(int needed) {
    if (bytes.remaining() < needed) {
      int size = Math.max(Math.multiplyExact(bytes.capacity(), 2), bytes.position() + needed);
      bytes = ByteBuffer.allocate(size).order(ORDER).put(content());
    }
    return bytes;
  }
}
