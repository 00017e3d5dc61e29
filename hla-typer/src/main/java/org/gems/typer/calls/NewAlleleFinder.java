package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.Bases;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.genotype.Place;
import org.gems.typer.genotype.Places;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Looks for bases that many pairs show and neither called allele has: the mark of an allele that
 * the release does not have. A base that the release leaves open is no news, and none contradicts a
 * base that the release states.
 */
final class NewAlleleFinder {
  /** From here on the pairs that show a base are one allele's. */
  private static final double ONE_SIDED = 0.8;

  private final int minimumPairs;
  private final int fewestPairs;
  private final double shareOfAllele;
  private final double shareOfAll;

  /** A finder with the ruleset's thresholds. */
  NewAlleleFinder(Ruleset ruleset) {
    minimumPairs = ruleset.count(Threshold.UNEXPLAINED_MINIMUM_PAIRS);
    fewestPairs = ruleset.count(Threshold.NEW_ALLELE_FEWEST_PAIRS);
    shareOfAllele = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_ALLELE);
    shareOfAll = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_AMPLICON);
  }

  /** For each region and called allele that is changed there, what it is changed to. */
  List<Variant> find(LocusResult result, List<RegionReads> regions) {
    List<Variant> found = new ArrayList<>();
    for (RegionReads region : regions) {
      for (int side = 0; side < region.sides().size(); side++) {
        search(result, region, side, found);
      }
    }
    return found;
  }

  private void search(LocusResult result, RegionReads region, int side, List<Variant> found) {
    Places places = region.sides().get(side);
    byte[] consensus = places.bases().clone();
    List<Integer> changed = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      int base = newBase(region, side, i);
      if (base >= 0) {
        consensus[i] = (byte) base;
        changed.add(i);
      }
    }
    if (!changed.isEmpty()) {
      variant(result, region, places, consensus, changed, found);
    }
  }

  /** The base that changes an allele's own one, or -1. */
  private int newBase(RegionReads region, int side, int i) {
    Places places = region.sides().get(side);
    int column = places.columns()[i];
    byte stated = Bases.code((byte) places.places().get(i).symbol());
    if (column < 0 || stated == Bases.UNKNOWN) {
      return -1;
    }
    for (int base = 0; base < Pileup.BASES; base++) {
      boolean isOwn = base == stated || base == places.bases()[i];
      boolean isSeen = !isOwn && region.everything().count(column, base) >= fewestPairs;
      if (isSeen && (isNew(region, side, column, base) || isInstead(region, side, column, base))) {
        return base;
      }
    }
    return -1;
  }

  /**
   * Whether all of an allele's pairs, outliers too, show another base than it has, be it the other
   * allele's: so does an allele that the release lacks, even where each pair by itself is as of a
   * known one.
   */
  private boolean isInstead(RegionReads region, int side, int column, int base) {
    Pileup pileup = region.everything();
    double own = pileup.ofAllele(column, base, side);
    return own >= fewestPairs && own >= ONE_SIDED * pileup.depthOfAllele(column, side);
  }

  /** Whether a base that neither called allele has changes one of them. */
  private boolean isNew(RegionReads region, int side, int column, int base) {
    return isOf(region, side, column, base) && !region.isCalled(column, base);
  }

  /** Whether the base changes this allele: its own pairs show it, or many and no other's. */
  private boolean isOf(RegionReads region, int side, int column, int base) {
    Pileup pileup = region.pileup();
    int all = pileup.count(column, base);
    double own = pileup.ofAllele(column, base, side);
    boolean isOwn = own >= ONE_SIDED * all;
    boolean isAllOfAllele = isOwn && own >= ONE_SIDED * pileup.depthOfAllele(column, side);
    if (all < (isAllOfAllele ? fewestPairs : minimumPairs)) {
      return false;
    }
    if (isOwn && own >= shareOfAllele * pileup.depthOfAllele(column, side)) {
      return true;
    }
    boolean isMore = own > all - own || (own == all - own && side == 0);
    boolean isSingle = region.sides().size() == 1;
    return (isSingle || isMore) && all >= shareOfAll * pileup.depth(column);
  }

  private void variant(
      LocusResult result,
      RegionReads region,
      Places places,
      byte[] consensus,
      List<Integer> changed,
      List<Variant> found) {
    int[] columns = changed.stream().mapToInt(i -> places.columns()[i]).toArray();
    byte[] bases = new byte[columns.length];
    List<Change> changes = new ArrayList<>();
    for (int c = 0; c < columns.length; c++) {
      int i = changed.get(c);
      Place place = places.places().get(i);
      bases[c] = consensus[i];
      String feature = result.model().table().features().get(place.feature()).name();
      changes.add(
          new Change(
              feature,
              place.position(),
              String.valueOf(place.symbol()),
              String.valueOf("ACGTN".charAt(consensus[i]))));
    }
    ReadLayer.Carriers carriers = region.layer().carriers(columns, bases);
    if (carriers.pairs() >= fewestPairs) {
      found.add(
          new Variant(
              result.gene(),
              region.name(),
              result.model().entry(places.allele()).name().text(),
              changes,
              carriers.pairs(),
              (double) carriers.pairs() / Math.max(1, carriers.seen()),
              Bases.text(consensus)));
    }
  }
}
