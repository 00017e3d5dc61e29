package org.gems.typer.reads;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds mates of two files that are out of step, because a tool dropped records of one of them: a
 * record waits until its mate comes, within a bound, so that memory has one too.
 */
final class MatesInStep {
  /** Records of each file that may wait. */
  static final int MOST_WAITING = 10_000;

  private final Map<String, FastqRecord> firsts = new LinkedHashMap<>();
  private final Map<String, FastqRecord> seconds = new LinkedHashMap<>();
  private int given;

  /** Two records that belong together. */
  record Pair(FastqRecord first, FastqRecord second) {}

  /** Whether no record waits: the files may be read side by side again. */
  boolean isEmpty() {
    return firsts.isEmpty() && seconds.isEmpty();
  }

  /** Records that waited in vain, so far; all that wait at the end of the files do. */
  int withoutMate() {
    return given + firsts.size() + seconds.size();
  }

  /** A record of the first file comes: its pair, or null while it waits. */
  Pair first(FastqRecord record) {
    FastqRecord mate = seconds.remove(record.template());
    if (mate != null) {
      return new Pair(record, mate);
    }
    keep(firsts, record);
    return null;
  }

  /** A record of the second file comes: its pair, or null while it waits. */
  Pair second(FastqRecord record) {
    FastqRecord mate = firsts.remove(record.template());
    if (mate != null) {
      return new Pair(mate, record);
    }
    keep(seconds, record);
    return null;
  }

  private void keep(Map<String, FastqRecord> waiting, FastqRecord record) {
    if (waiting.put(record.template(), record.kept()) != null) {
      given++;
    }
    if (waiting.size() > MOST_WAITING) {
      Iterator<String> oldest = waiting.keySet().iterator();
      oldest.next();
      oldest.remove();
      given++;
    }
  }
}
