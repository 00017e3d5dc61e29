package org.gems.typer.evidence;

import java.util.Optional;

/**
 * The one insertion or deletion by which a sequence differs from a known one, as far to its end as
 * it may lie.
 *
 * @param index of the first base of the known sequence that is deleted, or before which bases are
 *     inserted
 * @param deleted bases of the known sequence, or empty
 * @param inserted bases of the other one, or empty
 */
record Gap(int index, String deleted, String inserted) {
  /**
   * Compares two sequences that begin and end at the same primers.
   *
   * @return empty where they are equally long, or differ by more than one gap
   */
  static Optional<Gap> between(String known, String other) {
    int shorter = Math.min(known.length(), other.length());
    int prefix = 0;
    while (prefix < shorter && known.charAt(prefix) == other.charAt(prefix)) {
      prefix++;
    }
    int rest = shorter - prefix;
    boolean endsAlike =
        known.regionMatches(known.length() - rest, other, other.length() - rest, rest);
    if (known.length() == other.length() || !endsAlike) {
      return Optional.empty();
    }
    String deleted = known.substring(prefix, known.length() - rest);
    String inserted = other.substring(prefix, other.length() - rest);
    return Optional.of(new Gap(prefix, deleted, inserted));
  }

  /** Number of bases deleted or inserted. */
  int bases() {
    return deleted.length() + inserted.length();
  }

  /** The known sequence with the gap. */
  String applied(String known) {
    return known.substring(0, index) + inserted + known.substring(index + deleted.length());
  }
}
