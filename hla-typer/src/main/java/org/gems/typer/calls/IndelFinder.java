package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gems.typer.calls.AlleleBases.Gap;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Looks for bases of exons and splice sites that many pairs have more or less than the called
 * allele that they are more like. Slips of the polymerase are gaps too: an allele's has the share
 * of a copy.
 */
final class IndelFinder {
  /** Bases of a read on either side of a gap: a shorter end is laid without one. */
  private static final int BESIDE_BP = 6;

  private static final double HALF = 0.5;

  private final int minimumPairs;
  private final int fewestPairs;
  private final double minimumShare;
  private final double shareOfAllele;
  private final double shareOfAll;

  /** A finder with the ruleset's thresholds. */
  IndelFinder(Ruleset ruleset) {
    minimumPairs = ruleset.count(Threshold.UNEXPLAINED_MINIMUM_PAIRS);
    minimumShare = ruleset.get(Threshold.UNEXPLAINED_MINIMUM_SHARE);
    fewestPairs = ruleset.count(Threshold.NEW_ALLELE_FEWEST_PAIRS);
    shareOfAllele = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_ALLELE);
    shareOfAll = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_AMPLICON);
  }

  /** How many pairs have a gap, or lie over its place, by the allele that they are like. */
  private static final class Tally {
    private final double[] pairs = new double[2];

    void add(double first) {
      pairs[0] += first;
      pairs[1] += 1 - first;
    }

    double all() {
      return pairs[0] + pairs[1];
    }
  }

  /** The insertions and deletions of the called alleles, one a variant. */
  List<Variant> find(LocusResult result, List<Attribution> targets) {
    LocusTable table = result.model().table();
    List<Variant> found = new ArrayList<>();
    for (int side = 0; side < result.called().classes().size(); side++) {
      int allele = result.called().classes().get(side).representative();
      AlleleBases bases = new AlleleBases(table, allele);
      int s = side;
      gaps(bases, targets, side)
          .forEach(
              (gap, pairs) -> {
                boolean isTold = bases.isOfExon(gap) || bases.isAtSpliceSite(gap);
                if (isTold && !bases.isOpen(gap) && pairs.all() >= fewestPairs) {
                  Tally over = over(targets, bases.ends(gap));
                  if (isAlleles(pairs, over, s)) {
                    found.add(variant(result, s, bases, gap, pairs.all(), over.all()));
                  }
                }
              });
    }
    return found;
  }

  /**
   * What the pairs that are more like an allele have more or less than it, a pair counting once.
   */
  private static Map<Gap, Tally> gaps(AlleleBases bases, List<Attribution> targets, int side) {
    Map<Gap, Tally> counts = new LinkedHashMap<>();
    for (Attribution target : targets) {
      for (int p = 0; p < target.target().pairs(); p++) {
        double first = target.fromFirst(p);
        boolean isMore = (first >= HALF) == (side == 0);
        if (isMore && isOwn(target, p)) {
          Set<Gap> ofPair = new HashSet<>();
          target.target().laid(p).forEach(read -> ofPair.addAll(bases.gaps(read)));
          ofPair.forEach(gap -> counts.computeIfAbsent(gap, g -> new Tally()).add(first));
        }
      }
    }
    return counts;
  }

  private static boolean isOwn(Attribution target, int pair) {
    return target.target().elsewhere()[pair] < HALF;
  }

  private boolean isAlleles(Tally pairs, Tally over, int side) {
    boolean isOfAllele = pairs.pairs[side] >= shareOfAllele * over.pairs[side];
    boolean isOfAll = pairs.all() >= shareOfAll * over.all();
    boolean isMany = pairs.all() >= minimumPairs && pairs.all() >= minimumShare * over.all();
    return isOfAllele || isOfAll || isMany;
  }

  /** The pairs that have bases enough on both sides of a place. */
  private static Tally over(List<Attribution> targets, AlleleBases.Ends ends) {
    Tally over = new Tally();
    for (Attribution target : targets) {
      for (int p = 0; p < target.target().pairs(); p++) {
        List<LaidRead> reads = isOwn(target, p) ? target.target().laid(p) : List.of();
        if (reads.stream().anyMatch(read -> isOver(read, ends))) {
          over.add(target.fromFirst(p));
        }
      }
    }
    return over;
  }

  private static boolean isOver(LaidRead read, AlleleBases.Ends ends) {
    return read.size() > 2 * BESIDE_BP
        && read.column(BESIDE_BP) <= ends.before()
        && read.column(read.size() - 1 - BESIDE_BP) >= ends.behind();
  }

  private static Variant variant(
      LocusResult result, int side, AlleleBases bases, Gap gap, double pairs, double over) {
    Change change = bases.change(gap);
    return new Variant(
        result.gene(),
        change.feature(),
        result.model().name(result.called().classes().get(side)),
        List.of(change),
        (int) Math.round(pairs),
        pairs / Math.max(pairs, over),
        bases.changed(gap));
  }
}
