package org.gems.typer.reads;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.gems.typer.BadInputException;

/**
 * Streams the two files of a sample side by side. Records that lost their mates are left out and
 * counted; files that do not belong together are refused.
 */
public final class PairReader implements Closeable {
  private static final String REPAIR =
      "pair the files that the sequencer wrote together, both complete and in their original order";

  private static final String REPAIR_ORDER =
      "name the first reads' file as r1, the second reads' as r2";

  /** More than a tenth of the records without a mate: no tool that trims reads leaves so many. */
  private static final int MOST_WITHOUT_MATE = 10;

  /** Enough records to see that the files have nothing in common. */
  private static final int RECORDS_TO_JUDGE_BY = MatesInStep.MOST_WAITING;

  /** So many pairs whose reads are equal are no chance. */
  private static final int PAIRS_TO_COMPARE = 50;

  private final FastqReader first;
  private final FastqReader second;
  private final boolean sameFile;
  private final MatesInStep waiting = new MatesInStep();
  private MatesInStep.Pair pair;
  private String outOfStep = "";
  private long pairs;
  private int compared;
  private int equal;

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
   * @throws BadInputException where the files do not belong together, or are the wrong way round
   */
  public boolean next() {
    pair = waiting.isEmpty() ? sideBySide() : byName();
    if (pair == null) {
      judge();
      return false;
    }
    pairs++;
    requireOrder();
    requireDifference();
    return true;
  }

  private MatesInStep.Pair sideBySide() {
    boolean one = first.next();
    boolean two = second.next();
    if (!one && !two) {
      return null;
    }
    if (one && two && first.isMateOf(second)) {
      return new MatesInStep.Pair(first, second);
    }
    if (outOfStep.isEmpty()) {
      outOfStep =
          one && two ? "read %s beside %s".formatted(second.template(), first.template()) : "";
    }
    // A pair cannot come of these two, but one of them may end a wait that began with the other.
    if (one) {
      waiting.first(first);
    }
    MatesInStep.Pair found = two ? waiting.second(second) : null;
    return found == null ? byName() : found;
  }

  private MatesInStep.Pair byName() {
    boolean one = true;
    boolean two = true;
    while (one || two) {
      one = one && first.next();
      MatesInStep.Pair found = one ? waiting.first(first) : null;
      if (found != null) {
        return found;
      }
      two = two && second.next();
      found = two ? waiting.second(second) : null;
      if (found != null) {
        return found;
      }
      if (pairs == 0 && waiting.withoutMate() >= RECORDS_TO_JUDGE_BY) {
        judge();
      }
    }
    return null;
  }

  private void judge() {
    long without = waiting.withoutMate();
    if (MOST_WITHOUT_MATE * without > pairs + without) {
      String beginning = outOfStep.isEmpty() ? "" : ", first " + outOfStep;
      throw new BadInputException(
          second.file(),
          second.line(),
          "records with a mate in " + first.file(),
          "%d of %d without one%s".formatted(without, pairs + without, beginning),
          REPAIR);
    }
  }

  /** Swapped files would be typed alike, but the laboratory's sheet is wrong. */
  private void requireOrder() {
    int one = pair.first().mate();
    int two = pair.second().mate();
    if (one == 2 && two != 2) {
      throw wrongWay(first, 1);
    }
    if (sameFile || (two == 1 && one != 1)) {
      throw wrongWay(second, 2);
    }
  }

  private static BadInputException wrongWay(FastqReader file, int expected) {
    return new BadInputException(
        file.file(),
        Math.max(1, file.line() - 3),
        "read %d of a pair".formatted(expected),
        "read %d of it".formatted(3 - expected),
        REPAIR_ORDER);
  }

  /**
   * Some tools write {@code 1:N:} in both files; in a copy of the first one the reads are equal,
   * too.
   */
  private void requireDifference() {
    int mate = pair.first().mate();
    if (mate == 0 || mate != pair.second().mate() || compared >= PAIRS_TO_COMPARE) {
      return;
    }
    compared++;
    boolean alike =
        Arrays.equals(
            pair.first().bases(),
            0,
            pair.first().length(),
            pair.second().bases(),
            0,
            pair.second().length());
    equal += alike ? 1 : 0;
    if (compared == PAIRS_TO_COMPARE && equal == compared) {
      throw new BadInputException(
          second.file(), 1, "the mates of " + first.file(), "a copy of it", REPAIR_ORDER);
    }
  }

  /** Records that have no mate; known at the end of the files. */
  int withoutMate() {
    return waiting.withoutMate();
  }

  /** The sequencer's runs that the first reads' names tell of, in order. */
  Set<String> runs() {
    return first.runs();
  }

  /** The first read of the pair. */
  FastqRecord first() {
    return pair.first();
  }

  /** The second read of the pair. */
  FastqRecord second() {
    return pair.second();
  }

  @Override
  public void close() throws IOException {
    try (first) {
      second.close();
    }
  }
}
