package org.gems.typer.reads;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gems.typer.BadInputException;

/** Streams the two files of a sample side by side and insists that their records are mates. */
public final class PairReader implements Closeable {
  private static final String REPAIR =
      "pair the files that the sequencer wrote together, both complete and unsorted";

  private static final String REPAIR_ORDER =
      "name the first reads' file as r1, the second reads' as r2";

  private final FastqReader first;
  private final FastqReader second;
  private final boolean sameFile;

  /** Opens both files. */
  public PairReader(Path r1, Path r2) throws IOException {
    first = new FastqReader(r1);
    try {
      second = new FastqReader(r2);
    } catch (BadInputException e) {
      first.close();
      throw e;
    }
    sameFile = Files.isSameFile(r1, r2);
  }

  /**
   * Reads the next pair.
   *
   * @return false where both files end
   * @throws BadInputException where one ends before the other, or names differ
   */
  public boolean next() {
    boolean one = first.next();
    boolean two = second.next();
    if (one != two) {
      FastqReader shorter = one ? second : first;
      throw new BadInputException(
          shorter.file(), shorter.line(), "as many records as its mate", "fewer", REPAIR);
    }
    if (one && !first.isMateOf(second)) {
      throw new BadInputException(
          second.file(), second.line() - 3, "read " + first.template(), second.template(), REPAIR);
    }
    if (one) {
      requireMate(first, 1);
      requireMate(second, 2);
    }
    return one;
  }

  /** Swapped files would be typed alike, but the laboratory's sheet is wrong. */
  private void requireMate(FastqReader read, int expected) {
    boolean other = read.mate() != 0 && read.mate() != expected;
    if (other || (sameFile && expected == 2)) {
      throw new BadInputException(
          read.file(),
          read.line() - 3,
          "read %d of a pair".formatted(expected),
          "read %d of it".formatted(3 - expected),
          REPAIR_ORDER);
    }
  }

  /** The first read of the pair. */
  public FastqReader first() {
    return first;
  }

  /** The second read of the pair. */
  public FastqReader second() {
    return second;
  }

  @Override
  public void close() throws IOException {
    try (first) {
      second.close();
    }
  }
}
