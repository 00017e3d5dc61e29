package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.Bases;
import org.gems.typer.calls.Variant;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Looks among the pairs that nothing explains for sequences that come again: an unknown paralogue,
 * or an allele that differs from all others in many bases.
 */
final class StrangerFinder {
  /** What most pairs show, be they few. */
  private static final double ANY_SHARE = 0;

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
    for (StrangerGroups.Group group : StrangerGroups.of(strangers, minimumPairs)) {
      double share = (double) group.size() / all;
      if (share >= minimumShare) {
        found.add(
            new Variant(
                product.row().locus(),
                product.row().amplicon(),
                "",
                List.of(),
                group.size(),
                share,
                join(
                    Bases.text(group.left(ANY_SHARE)),
                    Bases.text(Bases.reverseComplement(group.right(ANY_SHARE))))));
      }
    }
  }

  /**
   * Lays two reads over each other where they overlap without a difference. Reads longer than what
   * lies between the primers go on into these; what both show is what lies between.
   */
  private static String join(String left, String right) {
    for (int whole = Math.min(left.length(), right.length());
        whole >= StrangerGroups.KEY_BP;
        whole--) {
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
