package org.gems.typer.reads;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.ZipException;
import org.gems.typer.BadInputException;

/**
 * Streams one FASTQ file, plain or gzip, into buffers that the next record overwrites. Strict: four
 * lines a record, letters A C G T N (or IUPAC, read as unknown), qualities in Phred+33, as many as
 * bases. Windows line ends and lower case are tolerated. Of each read of 250 bases HTSJDK 4.3 makes
 * 870 bytes of strings in 900 ns, with fewer checks; this takes 600 ns and makes nothing.
 */
public final class FastqReader implements FastqRecord, Closeable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int MAXIMUM_LINE_BYTES = 1 << 20;
  private static final String LETTERS = "ACGTNRYSWKMBDHVUacgtnryswkmbdhvu.";
  private static final boolean[] IS_LETTER = new boolean[256];
  private static final String SEND_AGAIN = "copy or export the file again";

  static {
    LETTERS.chars().forEach(letter -> IS_LETTER[letter] = true);
  }

  /** FNV-1a, and a multiplier of splitmix64. */
  private static final long HASH_START = 0xcbf29ce484222325L;

  private static final long HASH_FACTOR = 0x100000001b3L;
  private static final long MIX = 0xbf58476d1ce4e5b9L;

  private final String file;
  private final InputStream stream;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;
  private long line;

  private final LineBuffer name = new LineBuffer();
  private final LineBuffer bases = new LineBuffer();
  private final LineBuffer separator = new LineBuffer();
  private final LineBuffer qualities = new LineBuffer();
  private final QualityScale scale = new QualityScale();
  private final ReadLengths lengths = new ReadLengths();
  private final SequencerRuns runs = new SequencerRuns();

  /**
   * Opens a file; one whose first two bytes are gzip's is decompressed.
   *
   * @throws BadInputException where it cannot be opened or is empty
   */
  public FastqReader(Path path) {
    this.file = path.toString();
    try {
      this.stream = open(path);
    } catch (EOFException e) {
      throw wrong(0, "a gzip file", "a file that ends within the gzip header", SEND_AGAIN);
    } catch (ZipException e) {
      throw wrong(0, "a gzip file", "a damaged one (" + e.getMessage() + ")", SEND_AGAIN);
    } catch (IOException e) {
      throw wrong(0, "a readable FASTQ file", e.toString(), "check the path and the file");
    }
  }

  private static InputStream open(Path path) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES);
    try {
      raw.mark(2);
      boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      return gzip ? new GzipMembers(raw, BUFFER_BYTES) : raw;
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /**
   * Reads the next record.
   *
   * @return false at the end of the file
   * @throws BadInputException where a record is not as it must be
   */
  public boolean next() {
    if (!readLine(name)) {
      if (line == 0) {
        throw wrong(1, "a FASTQ record", "an empty file", "leave the sample out or send its reads");
      }
      lengths.judge(file);
      scale.judge(file);
      return false;
    }
    if (name.length == 0 && isBlankToTheEnd()) {
      return next();
    }
    if (name.length < 2 || name.bytes[0] != '@') {
      throw wrong(line, "a read name after '@'", shown(name), SEND_AGAIN);
    }
    requireLine(bases, "the read's bases");
    checkLetters();
    requireLine(separator, "a line that starts with '+'");
    if (separator.length < 1 || separator.bytes[0] != '+') {
      throw wrong(line, "a line that starts with '+'", shown(separator), SEND_AGAIN);
    }
    requireLine(qualities, "the read's qualities");
    checkQualities();
    runs.see(name.bytes, 1, templateEnd(name));
    lengths.see(this);
    scale.see(this);
    return true;
  }

  /**
   * Blank lines after the last record are nobody's harm; between records they mean that one is cut.
   */
  private boolean isBlankToTheEnd() {
    long blank = line;
    while (readLine(name)) {
      if (name.length > 0) {
        line = blank;
        name.length = 0;
        return false;
      }
    }
    return true;
  }

  /** The sequencer's runs that the names of the records so far tell of, in order. */
  Set<String> runs() {
    return runs.names();
  }

  /** The file as it was named. */
  public String file() {
    return file;
  }

  /** 1-based number of the last line read. */
  public long line() {
    return line;
  }

  /** Number of bases of the record; trimmers leave records of none. */
  @Override
  public int length() {
    return bases.length;
  }

  /** ASCII bases of the record, valid up to {@link #length} until the next one is read. */
  @Override
  public byte[] bases() {
    return bases.bytes;
  }

  /** ASCII qualities (Phred+33) of the record, valid like {@link #bases}. */
  @Override
  public byte[] qualities() {
    return qualities.bytes;
  }

  /**
   * Whether two records are mates: equal names but for what tells the first read from the second.
   */
  public boolean isMateOf(FastqReader other) {
    return Arrays.equals(
        name.bytes, 1, templateEnd(name), other.name.bytes, 1, templateEnd(other.name));
  }

  /**
   * The record's template name: up to the first blank and a last {@code /1}, or {@code .1} of
   * SRA's.
   */
  @Override
  public String template() {
    return new String(name.bytes, 1, templateEnd(name) - 1, StandardCharsets.ISO_8859_1);
  }

  @Override
  public long templateHash() {
    long hash = HASH_START;
    int end = templateEnd(name);
    for (int i = 1; i < end; i++) {
      hash = (hash ^ name.bytes[i]) * HASH_FACTOR;
    }
    // FNV mixes upwards only; the last step spreads the low bits' changes over all.
    hash = (hash ^ hash >>> 32) * MIX;
    return hash ^ hash >>> 29;
  }

  @Override
  public int mate() {
    int end = templateEnd(name);
    boolean slashed = end < name.length && isMark(name.bytes[end]);
    boolean described = end + 2 < name.length && name.bytes[end + 2] == ':';
    int digit = slashed || described ? name.bytes[end + 1] - '0' : 0;
    return digit == 1 || digit == 2 ? digit : 0;
  }

  @Override
  public boolean failedChastity() {
    int end = templateEnd(name);
    boolean described = end + 4 < name.length && name.bytes[end] == ' ';
    return described
        && name.bytes[end + 2] == ':'
        && name.bytes[end + 3] == 'Y'
        && name.bytes[end + 4] == ':';
  }

  private static boolean isMark(byte letter) {
    return letter == '/' || letter == '.';
  }

  private static int templateEnd(LineBuffer name) {
    int end = 1;
    while (end < name.length && name.bytes[end] != ' ' && name.bytes[end] != '\t') {
      end++;
    }
    boolean numbered =
        end > 3
            && (name.bytes[end - 2] == '/' || isAfterSpot(name, end - 2))
            && (name.bytes[end - 1] == '1' || name.bytes[end - 1] == '2');
    return numbered ? end - 2 : end;
  }

  /**
   * SRA's tools write {@code RUN.SPOT.1} and {@code RUN.SPOT.2}; {@code RUN.1} is a spot, no mate.
   */
  private static boolean isAfterSpot(LineBuffer name, int point) {
    int at = point - 1;
    while (at > 1 && name.bytes[at] >= '0' && name.bytes[at] <= '9') {
      at--;
    }
    return name.bytes[point] == '.' && at < point - 1 && name.bytes[at] == '.';
  }

  private void checkLetters() {
    for (int i = 0; i < bases.length; i++) {
      if (!IS_LETTER[bases.bytes[i] & 0xff]) {
        throw wrong(line, "bases A C G T N", symbol(bases.bytes[i], i), SEND_AGAIN);
      }
    }
  }

  private void checkQualities() {
    if (qualities.length != bases.length) {
      throw wrong(line, bases.length + " qualities", qualities.length + " qualities", SEND_AGAIN);
    }
    for (int i = 0; i < qualities.length; i++) {
      if (qualities.bytes[i] < '!' || qualities.bytes[i] > '~') {
        throw wrong(line, "qualities '!' to '~'", symbol(qualities.bytes[i], i), SEND_AGAIN);
      }
    }
  }

  private static String symbol(byte value, int index) {
    return "byte 0x%02x at column %d".formatted(value & 0xff, index + 1);
  }

  private static String shown(LineBuffer text) {
    int length = Math.min(text.length, 60);
    String start = new String(text.bytes, 0, length, StandardCharsets.US_ASCII);
    return "'" + start.replaceAll("\\p{Cntrl}", "?") + "'";
  }

  private void requireLine(LineBuffer into, String expected) {
    if (!readLine(into)) {
      throw wrong(line + 1, expected, "the end of the file", SEND_AGAIN);
    }
  }

  /** Reads up to a line end, which it drops; false only where nothing is left. */
  private boolean readLine(LineBuffer into) {
    into.length = 0;
    boolean any = false;
    while (position < limit || fill()) {
      any = true;
      int start = position;
      while (position < limit && buffer[position] != '\n') {
        position++;
      }
      into.append(buffer, start, position - start);
      if (position < limit) {
        position++;
        break;
      }
      if (into.length > MAXIMUM_LINE_BYTES) {
        throw wrong(line + 1, "a line of a FASTQ file", "more than 1 MiB without one", SEND_AGAIN);
      }
    }
    if (any) {
      line++;
      into.dropCarriageReturn();
    }
    return any;
  }

  private boolean fill() {
    try {
      limit = Math.max(0, stream.read(buffer, 0, buffer.length));
      position = 0;
      return limit > 0;
    } catch (EOFException e) {
      throw wrong(line + 1, "more compressed data", "a truncated gzip file", SEND_AGAIN);
    } catch (ZipException e) {
      throw wrong(line + 1, "gzip data", "damaged gzip data (" + e.getMessage() + ")", SEND_AGAIN);
    } catch (IOException e) {
      throw wrong(line + 1, "readable data", e.toString(), SEND_AGAIN);
    }
  }

  private BadInputException wrong(long at, String expected, String found, String repair) {
    return new BadInputException(file, at, expected, found, repair);
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }

  /** A line's bytes, kept from record to record. */
  private static final class LineBuffer {
    private byte[] bytes = new byte[512];
    private int length;

    void append(byte[] from, int start, int count) {
      if (length + count > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
      }
      System.arraycopy(from, start, bytes, length, count);
      length += count;
    }

    void dropCarriageReturn() {
      if (length > 0 && bytes[length - 1] == '\r') {
        length--;
      }
    }
  }
}
