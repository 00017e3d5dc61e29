package org.gems.typer.reads;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which runs of which sequencer reads come from, as Illumina's read names say it: the first four of
 * their seven fields, {@code instrument:run:flow cell:lane}. Names of another form tell nothing.
 */
final class SequencerRuns {
  /** A file joined of more runs than this is told by the first of them, in order of name. */
  private static final int MOST = 16;

  private static final int LANE = 4;
  private static final int FIELDS = 7;

  private final TreeSet<String> found = new TreeSet<>();
  private byte[] last = new byte[0];

  /**
   * Looks at a read's name.
   *
   * @param from the index behind the {@code @}
   * @param to the index behind the name's first word
   */
  void see(byte[] name, int from, int to) {
    int end = from + last.length;
    boolean isAsLast =
        last.length > 0 && end <= to && Arrays.equals(name, from, end, last, 0, last.length);
    if (isAsLast) {
      return;
    }
    int fields = 1;
    int lane = -1;
    for (int i = from; i < to; i++) {
      if (name[i] == ':' && fields++ == LANE) {
        lane = i;
      }
    }
    if (fields == FIELDS) {
      last = Arrays.copyOfRange(name, from, lane + 1);
      found.add(new String(name, from, lane - from, StandardCharsets.ISO_8859_1));
      if (found.size() > MOST) {
        found.pollLast();
      }
    }
  }

  /** The runs, in order of name. */
  Set<String> names() {
    return found;
  }
}
