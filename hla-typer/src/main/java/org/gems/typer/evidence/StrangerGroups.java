package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.Bases;

/** Pairs of one amplicon that begin alike, at both primers. */
final class StrangerGroups {
  /** Bases at each read's start that must be equal in pairs of one sequence. */
  static final int KEY_BP = 40;

  private StrangerGroups() {}

  /**
   * Pairs of one sequence.
   *
   * @param store where they are
   * @param pairs their indices
   */
  record Group(PairStore store, List<Integer> pairs) {
    int size() {
      return pairs.size();
    }

    /**
     * What most pairs show from the forward primer on.
     *
     * @param sure the share of the reads from which on a base is told; else it is unknown
     */
    byte[] left(double sure) {
      return consensus(pairs.stream().map(store::left).toList(), sure);
    }

    /** What most pairs show from the reverse primer on, of the other strand. */
    byte[] right(double sure) {
      return consensus(pairs.stream().map(store::right).toList(), sure);
    }
  }

  /** The groups of so many pairs or more, the largest first. */
  static List<Group> of(PairStore store, int least) {
    Map<String, List<Integer>> byStart = new TreeMap<>();
    for (int p = 0; p < store.size(); p++) {
      if (store.leftLength(p) >= KEY_BP && store.rightLength(p) >= KEY_BP) {
        String key = start(store.left(p)) + start(store.right(p));
        byStart.computeIfAbsent(key, k -> new ArrayList<>()).add(p);
      }
    }
    return byStart.values().stream()
        .filter(pairs -> pairs.size() >= least)
        .sorted(Comparator.comparingInt((List<Integer> pairs) -> -pairs.size()))
        .map(pairs -> new Group(store, pairs))
        .toList();
  }

  private static String start(NearestSequences.Slice read) {
    byte[] codes = new byte[KEY_BP];
    for (int i = 0; i < KEY_BP; i++) {
      codes[i] = (byte) PackedRead.base(read.data()[read.start() + i]);
    }
    return Bases.text(codes);
  }

  private static byte[] consensus(List<NearestSequences.Slice> reads, double sure) {
    int longest = reads.stream().mapToInt(NearestSequences.Slice::length).max().orElse(0);
    int[][] counts = new int[longest][Bases.UNKNOWN];
    for (NearestSequences.Slice read : reads) {
      for (int i = 0; i < read.length(); i++) {
        counts[i][PackedRead.base(read.data()[read.start() + i])]++;
      }
    }
    byte[] codes = new byte[longest];
    for (int i = 0; i < longest; i++) {
      int best = 0;
      int all = 0;
      for (int base = 0; base < Bases.UNKNOWN; base++) {
        best = counts[i][base] > counts[i][best] ? base : best;
        all += counts[i][base];
      }
      codes[i] = counts[i][best] >= sure * all ? (byte) best : Bases.UNKNOWN;
    }
    return codes;
  }
}
