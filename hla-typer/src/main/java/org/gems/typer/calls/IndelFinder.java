package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

  /** From here on the pairs of an allele are all of them. */
  private static final double ONE_SIDED = 0.8;

  /** Two pairs, of which a little may be another allele's. */
  private static final double SUREST_PAIRS = 1.9;

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
    private final Set<String> targets = new TreeSet<>();

    void add(String target, double first) {
      targets.add(target);
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
    boolean isAnchored = targets.stream().allMatch(target -> target.target().isAnchored());
    List<Variant> found = new ArrayList<>();
    for (int side = 0; side < result.called().classes().size(); side++) {
      int allele = result.called().classes().get(side).representative();
      AlleleBases bases = new AlleleBases(table, allele);
      int s = side;
      gaps(bases, targets, side)
          .forEach(
              (gap, pairs) -> {
                boolean isTold = isAnchored || bases.isOfExon(gap) || bases.isAtSpliceSite(gap);
                if (isTold && !bases.isOpen(gap) && pairs.all() >= SUREST_PAIRS) {
                  Tally over = over(targets, bases.ends(gap));
                  if (isEnough(gap, pairs, over, s) && isAlleles(pairs, over, s)) {
                    String place =
                        isAnchored ? String.join(", ", pairs.targets) : bases.change(gap).feature();
                    found.add(variant(result, s, bases, gap, place, pairs, over));
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
          laid(target, p, side).forEach(read -> ofPair.addAll(bases.gaps(read)));
          ofPair.forEach(
              gap -> counts.computeIfAbsent(gap, g -> new Tally()).add(target.name(), first));
        }
      }
    }
    return counts;
  }

  private static List<LaidRead> laid(Attribution target, int pair, int side) {
    return target.target().laidOn(pair, target.allele(side), target.option(side));
  }

  private static boolean isOwn(Attribution target, int pair) {
    return target.target().elsewhere()[pair] < HALF;
  }

  /**
   * Whether there are pairs enough to tell a gap of. Two are, if no other pair of the allele lies
   * over the place, for two errors of the sequencer that take or add several bases are never alike.
   */
  private boolean isEnough(Gap gap, Tally pairs, Tally over, int side) {
    boolean isSure = gap.missing() + gap.inserted().length() > 1;
    boolean isAll = pairs.pairs[side] >= ONE_SIDED * over.pairs[side];
    return pairs.all() >= fewestPairs || (isSure && isAll);
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
        int side = target.fromFirst(p) >= HALF ? 0 : 1;
        List<LaidRead> reads = isOwn(target, p) ? laid(target, p, side) : List.of();
        boolean isAnchored = target.target().isAnchored();
        if (reads.stream().anyMatch(read -> isOver(read, ends, isAnchored))) {
          over.add(target.name(), target.fromFirst(p));
        }
      }
    }
    return over;
  }

  /**
   * A primer stands beside the outer end of an anchored read, so no more bases are needed there.
   */
  private static boolean isOver(LaidRead read, AlleleBases.Ends ends, boolean isAnchored) {
    int outer = isAnchored ? 0 : BESIDE_BP;
    return isOver(read, ends, outer, BESIDE_BP) || isOver(read, ends, BESIDE_BP, outer);
  }

  private static boolean isOver(LaidRead read, AlleleBases.Ends ends, int before, int behind) {
    return read.size() > before + behind
        && read.column(before) <= ends.before()
        && read.column(read.size() - 1 - behind) >= ends.behind();
  }

  private static Variant variant(
      LocusResult result,
      int side,
      AlleleBases bases,
      Gap gap,
      String place,
      Tally pairs,
      Tally over) {
    return new Variant(
        result.gene(),
        place,
        result.model().name(result.called().classes().get(side)),
        List.of(bases.change(gap)),
        (int) Math.round(pairs.all()),
        pairs.all() / Math.max(pairs.all(), over.all()),
        bases.changed(gap));
  }
}
