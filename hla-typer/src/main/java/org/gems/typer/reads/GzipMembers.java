package org.gems.typer.reads;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decompresses a gzip file of one or many members. Unlike the JDK's stream, which takes whatever
 * follows a member and is no gzip header for the end of the file and so would drop the rest of a
 * damaged one, this one refuses it. Zeroes at the end (tapes pad with them) are no fault.
 *
 * <p>Source: RFC 1952.
 */
final class GzipMembers extends InputStream {
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  private final InputStream compressed;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final byte[] buffer;
  private int position;
  private int limit;
  private boolean ended;

  /**
   * Opens a file at its first member.
   *
   * @throws EOFException where it ends within the header
   * @throws ZipException where it begins with no gzip header
   */
  GzipMembers(InputStream compressed, int bufferBytes) throws IOException {
    this.compressed = compressed;
    this.buffer = new byte[bufferBytes];
    readHeader(next());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    while (length > 0 && !ended) {
      int count = inflate(into, from, length);
      if (count > 0) {
        crc.update(into, from, count);
        return count;
      }
      if (inflater.finished()) {
        endMember();
      } else {
        refill();
        inflater.setInput(buffer, position, limit - position);
      }
    }
    return length > 0 ? -1 : 0;
  }

  private int inflate(byte[] into, int from, int length) throws ZipException {
    try {
      int count = inflater.inflate(into, from, length);
      if (inflater.needsDictionary()) {
        throw new ZipException("a preset dictionary");
      }
      position = limit - inflater.getRemaining();
      return count;
    } catch (DataFormatException e) {
      String reason = e.getMessage();
      throw new ZipException(reason == null ? "invalid compressed data" : reason);
    }
  }

  private void endMember() throws IOException {
    if (readInt() != (int) crc.getValue()) {
      throw new ZipException("the checksum differs");
    }
    if (readInt() != (int) inflater.getBytesWritten()) {
      throw new ZipException("the length differs");
    }
    int first = skipZeroes();
    if (first < 0) {
      ended = true;
      return;
    }
    readHeader(first);
  }

  /** The next byte that is not zero, or -1 at the end of the file. */
  private int skipZeroes() throws IOException {
    int value = 0;
    while (value == 0) {
      value = position < limit || fill() ? buffer[position++] & 0xff : -1;
    }
    return value;
  }

  private void readHeader(int first) throws IOException {
    if (first != 0x1f || next() != 0x8b) {
      throw new ZipException("bytes that are not a gzip member follow one");
    }
    if (next() != 8) {
      throw new ZipException("an unknown compression method");
    }
    int flags = next();
    skip(6);
    if ((flags & EXTRA) != 0) {
      skip(next() | next() << 8);
    }
    skipText((flags & NAME) != 0);
    skipText((flags & COMMENT) != 0);
    skip((flags & HEADER_CRC) != 0 ? 2 : 0);
    inflater.reset();
    inflater.setInput(buffer, position, limit - position);
    crc.reset();
  }

  private void skip(int bytes) throws IOException {
    for (int i = 0; i < bytes; i++) {
      next();
    }
  }

  private void skipText(boolean isThere) throws IOException {
    int letter = isThere ? next() : 0;
    while (letter != 0) {
      letter = next();
    }
  }

  private int readInt() throws IOException {
    return next() | next() << 8 | next() << 16 | next() << 24;
  }

  private int next() throws IOException {
    if (position == limit) {
      refill();
    }
    return buffer[position++] & 0xff;
  }

  private void refill() throws IOException {
    if (!fill()) {
      throw new EOFException("the end of the compressed data");
    }
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, compressed.read(buffer, 0, buffer.length));
    return limit > 0;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    compressed.close();
  }
}
