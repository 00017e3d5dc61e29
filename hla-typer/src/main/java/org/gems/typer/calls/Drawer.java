package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.gems.typer.Bases;
import org.gems.typer.calls.Drawing.ExonBases;
import org.gems.typer.calls.Drawing.ExonLink;
import org.gems.typer.calls.PhaseFinder.Difference;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.Shown;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Works out what a page draws of a called genotype: its exons, and which pairs link which. */
final class Drawer {
  /** A side each: bits of the first and of the second. */
  private static final int BOTH = 3;

  private final int minimumPairs;
  private final double contradictedShare;

  Drawer(Ruleset ruleset) {
    this.minimumPairs = ruleset.count(Threshold.PHASE_MINIMUM_PAIRS);
    this.contradictedShare = ruleset.get(Threshold.PHASE_CONTRADICTED_SHARE);
  }

  /** Two exons of a gene, by their place among its features. */
  private record Exons(int from, int to) implements Comparable<Exons> {
    @Override
    public int compareTo(Exons other) {
      return from == other.from ? Integer.compare(to, other.to) : Integer.compare(from, other.from);
    }
  }

  /** What was counted of a link. */
  private static final class Count {
    private final TreeSet<String> amplicons = new TreeSet<>();
    private int pairs;
    private int phasingPairs;
    private int contradictingPairs;
  }

  /** What pairs link, as it is counted pair by pair. */
  static final class Tally {
    private final LocusTable table;
    private final PhaseFinder phase;
    private final List<List<Difference>> differences = new ArrayList<>();
    private final Map<Exons, Count> links = new TreeMap<>();
    private final List<Integer> exons = new ArrayList<>();

    private Tally(LocusTable table, Genotype called, int minimumPairs) {
      this.table = table;
      this.phase = new PhaseFinder(table, minimumPairs);
      int one = called.one().representative();
      int two = called.two().representative();
      differences.add(phase.differences(one, two));
      differences.add(phase.differences(two, one));
      for (int f = 0; f < table.features().size(); f++) {
        if (table.features().get(f).isExon()) {
          exons.add(f);
        }
      }
    }

    /** Counts a pair that one side explains. */
    void show(Attribution target, int side, Shown shown) {
      int[] sideOf = new int[table.features().size()];
      List<Difference> own = new ArrayList<>();
      for (Difference difference : seen(side, shown)) {
        int sides = sides(target, difference, side, shown);
        sideOf[difference.feature()] |= sides;
        if (sides == 1 << side) {
          own.add(difference);
        }
      }
      phase.show(own);
      contradict(sideOf);
      List<Integer> reached = new ArrayList<>();
      for (int exon : exons) {
        if (shown.reaches(table.firstColumn(exon), table.firstColumn(exon + 1))) {
          reached.add(exon);
        }
      }
      for (int i = 0; i < reached.size(); i++) {
        for (int j = i + 1; j < reached.size(); j++) {
          link(target.name(), reached.get(i), reached.get(j), sideOf, 1 << side);
        }
      }
    }

    /**
     * Counts a pair that neither side explains: it may have one exon of the one, one of the other.
     */
    void showOutlier(Attribution target, Shown shown) {
      int[] sideOf = new int[table.features().size()];
      for (Difference difference : seen(0, shown)) {
        sideOf[difference.feature()] |= sides(target, difference, 0, shown);
      }
      contradict(sideOf);
    }

    /** Counts the links of which each exon is of another side; bits by feature. */
    private void contradict(int[] sideOf) {
      for (int from : exons) {
        for (int to : exons) {
          boolean isContradicted =
              from < to && sideOf[from] > 0 && sideOf[to] > 0 && sideOf[from] + sideOf[to] == BOTH;
          if (isContradicted) {
            count(from, to).contradictingPairs++;
          }
        }
      }
    }

    private Count count(int from, int to) {
      return links.computeIfAbsent(new Exons(from, to), e -> new Count());
    }

    /**
     * Whose base is shown: a bit for the first side and one for the second.
     *
     * @param side on whose bases the pair lies: where it has none, none shown is as good as one
     */
    private int sides(Attribution target, Difference difference, int side, Shown shown) {
      int at = shown.find(difference.column());
      if (at < 0) {
        return difference.isGap() ? 1 << side : 0;
      }
      int column = difference.column() - table.firstColumn(difference.feature());
      int found = 0;
      for (int of = 0; of < 2; of++) {
        byte own = table.row(difference.feature(), target.allele(of))[column];
        found |= shown.base(at) < Shown.NOTHING && Bases.code(own) == shown.base(at) ? 1 << of : 0;
      }
      return found;
    }

    /** Two exons whose pairs contradict the called phase more often than they show it. */
    Optional<Flag> contradicted(double leastShare, int leastPairs) {
      for (Map.Entry<Exons, Count> link : links.entrySet()) {
        Count count = link.getValue();
        int all = count.phasingPairs + count.contradictingPairs;
        if (count.contradictingPairs >= leastPairs
            && count.contradictingPairs >= leastShare * all) {
          String from = table.features().get(link.getKey().from()).name();
          String to = table.features().get(link.getKey().to()).name();
          return Optional.of(
              Flag.of(
                  FlagCode.PHASE_CONTRADICTED,
                  "%d of %d pairs that show %s and %s have one allele's base in the first and the other allele's base in the second"
                      .formatted(count.contradictingPairs, all, from, to),
                  "gene",
                  table.locus(),
                  "exons",
                  from + ", " + to,
                  "pairs",
                  count.contradictingPairs,
                  "share",
                  (double) count.contradictingPairs / all,
                  "threshold",
                  leastShare));
        }
      }
      return Optional.empty();
    }

    /** The differences that a pair lies over. */
    private List<Difference> seen(int side, Shown shown) {
      List<Difference> seen = new ArrayList<>();
      List<Difference> all = differences.get(side);
      int next = first(all, shown.size() == 0 ? Integer.MAX_VALUE : shown.column(0));
      for (int i = 0; i < shown.size() && next < all.size(); i++) {
        while (next < all.size() && all.get(next).anchor() < shown.column(i)) {
          next++;
        }
        for (; next < all.size() && all.get(next).anchor() == shown.column(i); next++) {
          seen.add(all.get(next));
        }
      }
      return seen;
    }

    /** The index of the first difference whose anchor is not before a column. */
    private static int first(List<Difference> all, int column) {
      int low = 0;
      int high = all.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        boolean isBefore = all.get(middle).anchor() < column;
        low = isBefore ? middle + 1 : low;
        high = isBefore ? high : middle;
      }
      return low;
    }

    private void link(String name, int from, int to, int[] sideOf, int side) {
      Count count = count(from, to);
      count.amplicons.add(name);
      count.pairs++;
      count.phasingPairs += sideOf[from] == side && sideOf[to] == side ? 1 : 0;
    }

    private List<ExonLink> named() {
      List<ExonLink> named = new ArrayList<>();
      links.forEach(
          (pair, count) -> {
            if (count.pairs > 0) {
              named.add(
                  new ExonLink(
                      table.locus(),
                      table.features().get(pair.from()).name(),
                      table.features().get(pair.to()).name(),
                      List.copyOf(count.amplicons),
                      count.pairs,
                      count.phasingPairs));
            }
          });
      return named;
    }
  }

  /** An empty tally of a called genotype. */
  Tally tally(LocusTable table, Genotype called) {
    return new Tally(table, called, minimumPairs);
  }

  /** What is to be said where pairs contradict the called phase. */
  Optional<Flag> contradicted(Tally tally) {
    return tally.contradicted(contradictedShare, minimumPairs);
  }

  /** The drawing of a genotype. */
  Drawing draw(Tally tally, List<RegionReads> regions) {
    List<ExonBases> exons = new ArrayList<>();
    int sides = regions.isEmpty() ? 0 : regions.get(0).sides().size();
    for (int side = 0; side < sides; side++) {
      exons.addAll(ExonWriter.write(tally.table, regions, side));
    }
    return new Drawing(exons, tally.named(), tally.phase.blocks());
  }
}
