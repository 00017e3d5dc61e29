package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.genotype.Places;
import org.gems.typer.genotype.Region;
import org.gems.typer.genotype.Shown;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Pairs that are counted together over a gene's columns: those of one amplicon, or those of all
 * exons. Each is looked at base by base, as it lies on the called alleles.
 */
final class ReadLayer {
  /** A part of a pair so small is no part. */
  private static final double NEGLIGIBLE = 0.01;

  private static final double HALF = 0.5;

  private final List<Attribution> targets;
  private final List<Region> regions;
  private final int strong;
  private final Pileup pileup;
  private final Pileup everything;
  private final double[][] depth;
  private final double[][] pairs;
  private final int[][] ends;
  private final List<List<Places>> placesOf = new ArrayList<>();

  private ReadLayer(
      LocusResult result, List<Attribution> targets, List<Region> regions, Ruleset ruleset) {
    int columns = result.model().table().columns();
    this.targets = targets;
    this.regions = regions;
    this.strong = ruleset.count(Threshold.STRONG_BASE_QUALITY);
    this.pileup = new Pileup(columns);
    this.everything = new Pileup(columns);
    this.depth = new double[2][columns];
    this.pairs = new double[regions.size()][2];
    this.ends = new int[regions.size()][];
    for (Attribution target : targets) {
      List<Places> places = new ArrayList<>();
      for (int side = 0; side < target.sides(); side++) {
        places.add(target.target().places(target.allele(side), target.option(side)));
      }
      placesOf.add(places);
    }
  }

  /** Reads all pairs of a called gene, region by region in the gene's order. */
  static List<RegionReads> read(
      LocusResult result, List<Attribution> attributions, Drawer.Tally tally, Ruleset ruleset) {
    Map<List<Integer>, List<Region>> byTargets = new TreeMap<>(ReadLayer::compare);
    List<Region> all = result.model().evidence().regions();
    for (Region region : all) {
      byTargets.computeIfAbsent(region.targets(), t -> new ArrayList<>()).add(region);
    }
    List<RegionReads> found = new ArrayList<>();
    byTargets.forEach(
        (targets, regions) -> {
          List<Attribution> own = targets.stream().map(attributions::get).toList();
          ReadLayer layer = new ReadLayer(result, own, regions, ruleset);
          found.addAll(layer.read(attributions, tally));
        });
    return found;
  }

  private static int compare(List<Integer> one, List<Integer> two) {
    return Integer.compare(one.isEmpty() ? -1 : one.get(0), two.isEmpty() ? -1 : two.get(0));
  }

  private List<RegionReads> read(List<Attribution> all, Drawer.Tally tally) {
    int sides = all.isEmpty() ? 0 : all.get(0).sides();
    List<List<Places>> sidesOf = new ArrayList<>();
    for (int r = 0; r < regions.size(); r++) {
      List<Places> own = new ArrayList<>();
      for (int side = 0; side < sides; side++) {
        int s = side;
        int[] options = all.stream().mapToInt(a -> a.option(s)).toArray();
        own.add(regions.get(r).places(all.get(0).allele(side), options));
      }
      sidesOf.add(own);
      ends[r] = ends(own);
    }
    count(tally);
    List<RegionReads> found = new ArrayList<>();
    for (int r = 0; r < regions.size(); r++) {
      List<Places> own = sidesOf.get(r);
      double[][] byBase = new double[2][0];
      for (int side = 0; side < sides; side++) {
        byBase[side] = depthOver(own.get(side), depth[side]);
      }
      found.add(new RegionReads(regions.get(r), own, byBase, pairs[r], pileup, everything, this));
    }
    return found;
  }

  /** The first column of a region, and the one behind its last. */
  private static int[] ends(List<Places> sides) {
    int from = Integer.MAX_VALUE;
    int to = 0;
    for (Places places : sides) {
      for (int column : places.columns()) {
        from = column >= 0 ? Math.min(from, column) : from;
        to = Math.max(to, column + 1);
      }
    }
    return new int[] {from, to};
  }

  private static double[] depthOver(Places places, double[] depth) {
    double[] own = new double[places.size()];
    double last = 0;
    for (int i = 0; i < own.length; i++) {
      int column = places.columns()[i];
      last = column >= 0 ? depth[column] : last;
      own[i] = last;
    }
    return own;
  }

  private void count(Drawer.Tally tally) {
    Shown shown = new Shown();
    double[] parts = new double[2];
    for (int t = 0; t < targets.size(); t++) {
      Attribution target = targets.get(t);
      for (int p = 0; p < target.target().pairs(); p++) {
        target.parts(p, parts);
        int best = parts[0] >= parts[1] ? 0 : 1;
        boolean isShared = target.sides() > 1 && parts[1 - best] > NEGLIGIBLE;
        if (isShared) {
          target.target().show(p, placesOf.get(t).get(1 - best), shown);
          cover(shown, 1 - best, parts[1 - best]);
        }
        target.target().show(p, placesOf.get(t).get(best), shown);
        cover(shown, best, parts[best]);
        if (target.target().elsewhere()[p] < HALF) {
          double fromFirst = target.fromFirst(p);
          pile(everything, shown, fromFirst);
          if (target.isNearest(p)) {
            pile(pileup, shown, fromFirst);
          }
        }
        if (parts[0] + parts[1] >= HALF) {
          tally.show(target, best, shown);
        } else if (target.isOutlier(p)) {
          tally.showOutlier(target, shown);
        }
      }
    }
  }

  private void cover(Shown shown, int side, double part) {
    for (int i = 0; i < shown.size(); i++) {
      depth[side][shown.column(i)] += part;
    }
    for (int r = 0; r < ends.length; r++) {
      if (ends[r][0] < ends[r][1] && shown.reaches(ends[r][0], ends[r][1])) {
        pairs[r][side] += part;
      }
    }
  }

  private void pile(Pileup into, Shown shown, double fromFirst) {
    for (int i = 0; i < shown.size(); i++) {
      if (shown.base(i) != Shown.NOTHING && shown.quality(i) >= strong) {
        into.add(shown.column(i), shown.base(i), fromFirst);
      }
    }
  }

  /** What pairs show at some columns. */
  record Carriers(int pairs, int seen) {}

  /**
   * How many pairs show at least one of some new bases and no other base in their places, and how
   * many show any base there.
   *
   * @param columns rising
   * @param bases the new base in each
   */
  Carriers carriers(int[] columns, byte[] bases) {
    Shown shown = new Shown();
    int carriers = 0;
    int seenAny = 0;
    double[] parts = new double[2];
    for (int t = 0; t < targets.size(); t++) {
      Attribution target = targets.get(t);
      for (int p = 0; p < target.target().pairs(); p++) {
        if (target.target().elsewhere()[p] >= HALF) {
          continue;
        }
        target.parts(p, parts);
        target.target().show(p, placesOf.get(t).get(parts[0] >= parts[1] ? 0 : 1), shown);
        int same = 0;
        int other = 0;
        for (int i = 0; i < columns.length; i++) {
          int at = shown.find(columns[i]);
          boolean isSeen =
              at >= 0 && shown.base(at) != Shown.NOTHING && shown.quality(at) >= strong;
          same += isSeen && shown.base(at) == bases[i] ? 1 : 0;
          other += isSeen && shown.base(at) != bases[i] ? 1 : 0;
        }
        carriers += same > 0 && other == 0 ? 1 : 0;
        seenAny += same + other > 0 ? 1 : 0;
      }
    }
    return new Carriers(carriers, seenAny);
  }
}
