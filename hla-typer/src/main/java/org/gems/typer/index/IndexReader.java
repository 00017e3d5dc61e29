package org.gems.typer.index;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads what an {@link IndexWriter} gathered, in the same order. */
public final class IndexReader {
  private final ByteBuffer bytes;

  IndexReader(ByteBuffer bytes) {
    this.bytes = bytes.order(IndexWriter.ORDER);
  }

  /** The next number. */
  public int number() {
    return bytes.getInt();
  }

  /** The next text. */
  public String text() {
    return StandardCharsets.UTF_8.decode(bytes()).toString();
  }

  /** The next bytes, not copied: they stay where the file is mapped until they are read. */
  public ByteBuffer bytes() {
    int length = number();
    ByteBuffer slice = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    return slice;
  }

  /** The next numbers. */
  public int[] numbers() {
    int[] values = new int[number()];
    bytes.asIntBuffer().get(values);
    bytes.position(bytes.position() + values.length * Integer.BYTES);
    return values;
  }

  /** The next long numbers. */
  public long[] longs() {
    long[] values = new long[number()];
    bytes.asLongBuffer().get(values);
    bytes.position(bytes.position() + values.length * Long.BYTES);
    return values;
  }

  /** The next block; what is not read of it is skipped. */
  public IndexReader block() {
    return new IndexReader(bytes());
  }
}
