package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.Bases;
import org.gems.typer.calls.Variant;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Looks among the pairs that nothing explains for sequences that come again: an unknown paralogue,
 * or an allele with an insertion that no allele has.
 */
final class StrangerFinder {
  /** Bases at each read's start that must be equal in pairs of one sequence. */
  private static final int KEY_BP = 40;

  /** The least overlap of a pair's two reads that joins them. */
  private static final int OVERLAP_BP = 20;

  private static final String GAP = "N".repeat(10);

  private final Catalog catalog;
  private final int minimumPairs;
  private final double minimumShare;

  /** A finder with the ruleset's thresholds. */
  StrangerFinder(Catalog catalog, Ruleset ruleset) {
    this.catalog = catalog;
    this.minimumPairs = ruleset.count(Threshold.UNEXPLAINED_MINIMUM_PAIRS);
    this.minimumShare = ruleset.get(Threshold.UNEXPLAINED_MINIMUM_SHARE);
  }

  /** Recurring sequences that are like no allele. */
  List<Variant> find(SampleEvidence evidence) {
    List<Variant> found = new ArrayList<>();
    for (int p = 0; p < catalog.products().size(); p++) {
      PairStore strangers = evidence.unexplained(p);
      if (strangers.size() >= minimumPairs) {
        int all = strangers.size() + evidence.store(p).size();
        search(catalog.products().get(p), strangers, all, found);
      }
    }
    return found;
  }

  private void search(Product product, PairStore strangers, int all, List<Variant> found) {
    Map<String, List<Integer>> groups = new java.util.TreeMap<>();
    for (int p = 0; p < strangers.size(); p++) {
      boolean longEnough = strangers.leftLength(p) >= KEY_BP && strangers.rightLength(p) >= KEY_BP;
      if (longEnough) {
        String key =
            text(strangers, strangers.leftStart(p), KEY_BP)
                + text(strangers, strangers.rightStart(p), KEY_BP);
        groups.computeIfAbsent(key, k -> new ArrayList<>()).add(p);
      }
    }
    for (List<Integer> group : groups.values()) {
      double share = (double) group.size() / all;
      if (group.size() >= minimumPairs && share >= minimumShare) {
        found.add(
            new Variant(
                product.row().locus(),
                product.row().amplicon(),
                "",
                List.of(),
                group.size(),
                share,
                consensus(strangers, group)));
      }
    }
  }

  private static String text(PairStore store, int start, int length) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append("ACGT".charAt(PackedRead.base(store.data()[start + i])));
    }
    return text.toString();
  }

  private static String consensus(PairStore store, List<Integer> pairs) {
    List<String> lefts = new ArrayList<>();
    List<String> rights = new ArrayList<>();
    for (int p : pairs) {
      lefts.add(text(store, store.leftStart(p), store.leftLength(p)));
      rights.add(text(store, store.rightStart(p), store.rightLength(p)));
    }
    String left = majority(lefts);
    String right = Bases.text(Bases.reverseComplement(Bases.codes(majority(rights))));
    return join(left, right);
  }

  private static String majority(List<String> reads) {
    StringBuilder result = new StringBuilder();
    int longest = reads.stream().mapToInt(String::length).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      Map<Character, Integer> counts = new HashMap<>();
      for (String read : reads) {
        if (i < read.length()) {
          counts.merge(read.charAt(i), 1, Integer::sum);
        }
      }
      char best = 'A';
      for (char base : new char[] {'C', 'G', 'T'}) {
        best = counts.getOrDefault(base, 0) > counts.getOrDefault(best, 0) ? base : best;
      }
      result.append(best);
    }
    return result.toString();
  }

  /**
   * Lays two reads over each other where they overlap without a difference. Reads longer than what
   * lies between the primers go on into these; what both show is what lies between.
   */
  private static String join(String left, String right) {
    for (int whole = Math.min(left.length(), right.length()); whole >= KEY_BP; whole--) {
      if (left.regionMatches(0, right, right.length() - whole, whole)) {
        return left.substring(0, whole);
      }
    }
    for (int overlap = Math.min(left.length(), right.length()); overlap >= OVERLAP_BP; overlap--) {
      if (left.regionMatches(left.length() - overlap, right, 0, overlap)) {
        return left + right.substring(overlap);
      }
    }
    return left + GAP + right;
  }
}
