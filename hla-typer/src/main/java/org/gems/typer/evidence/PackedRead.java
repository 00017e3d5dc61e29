package org.gems.typer.evidence;

import org.gems.typer.haplotype.Bases;
import org.gems.typer.reads.FastqReader;

/**
 * A read's bases and qualities, one byte a base: two bits of base above six bits of quality.
 * Quality 0 marks a base that says nothing.
 */
public final class PackedRead {
  private static final int MAXIMUM_QUALITY = 63;

  private byte[] packed = new byte[512];
  private byte[] codes = new byte[512];
  private int length;

  /** Takes over a record. */
  public void load(FastqReader reader) {
    length = reader.length();
    if (length > packed.length) {
      packed = new byte[length * 2];
      codes = new byte[length * 2];
    }
    byte[] bases = reader.bases();
    byte[] qualities = reader.qualities();
    for (int i = 0; i < length; i++) {
      byte code = Bases.code(bases[i]);
      codes[i] = code;
      packed[i] = pack(code, qualities[i] - '!');
    }
  }

  /** Takes over base codes that all have one quality. */
  public void load(byte[] read, int quality) {
    length = read.length;
    if (length > packed.length) {
      packed = new byte[length * 2];
      codes = new byte[length * 2];
    }
    for (int i = 0; i < length; i++) {
      codes[i] = read[i];
      packed[i] = pack(read[i], quality);
    }
  }

  /** A base and its quality in one byte. */
  public static byte pack(byte code, int quality) {
    return code == Bases.UNKNOWN
        ? 0
        : (byte) ((code << 6) | Math.max(0, Math.min(MAXIMUM_QUALITY, quality)));
  }

  /** The base of a packed byte. */
  public static int base(byte packed) {
    return (packed & 0xff) >>> 6;
  }

  /** The quality of a packed byte. */
  public static int quality(byte packed) {
    return packed & MAXIMUM_QUALITY;
  }

  /** Number of bases. */
  public int length() {
    return length;
  }

  /** Base codes, valid up to the length. */
  public byte[] codes() {
    return codes;
  }

  /** Packed bytes, valid up to the length. */
  public byte[] packed() {
    return packed;
  }
}
