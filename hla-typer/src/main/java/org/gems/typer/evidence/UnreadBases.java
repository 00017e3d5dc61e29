package org.gems.typer.evidence;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.gems.typer.haplotype.HaplotypeSet;

/**
 * Bases in the middle of an amplicon that no read reaches. Sequences that differ only there are one
 * to the reads: weighed once, none left out for want of room.
 */
final class UnreadBases {
  private UnreadBases() {}

  /** For each sequence the first that is as it wherever a read reaches. */
  static int[] sameAs(HaplotypeSet set, PairStore store) {
    int left = 0;
    int right = 0;
    for (int p = 0; p < store.size(); p++) {
      left = Math.max(left, store.leftLength(p));
      right = Math.max(right, store.rightLength(p));
    }
    Map<String, Integer> first = new HashMap<>();
    int[] sameAs = new int[set.size()];
    for (int h = 0; h < sameAs.length; h++) {
      sameAs[h] = h;
      if (left + right < set.length(h)) {
        Integer earlier = first.putIfAbsent(ends(set.sequence(h), left, right), h);
        sameAs[h] = earlier == null ? h : earlier;
      }
    }
    return sameAs;
  }

  private static String ends(byte[] sequence, int left, int right) {
    int to = sequence.length;
    return new String(sequence, 0, left, StandardCharsets.ISO_8859_1)
        + '|'
        + new String(sequence, to - right, right, StandardCharsets.ISO_8859_1);
  }
}
