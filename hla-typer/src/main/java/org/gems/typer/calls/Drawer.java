package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.gems.typer.calls.Drawing.ExonBases;
import org.gems.typer.calls.Drawing.ExonLink;
import org.gems.typer.calls.PhaseFinder.Difference;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.Shown;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Works out what a page draws of a called genotype: its exons, and which pairs link which. */
final class Drawer {
  private final int minimumPairs;

  Drawer(Ruleset ruleset) {
    this.minimumPairs = ruleset.count(Threshold.PHASE_MINIMUM_PAIRS);
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
        if (table.features().get(f).name().startsWith("exon")) {
          exons.add(f);
        }
      }
    }

    /** Counts a pair that one side explains. */
    void show(Attribution target, int side, Shown shown) {
      List<Difference> seen = target.isDeciding() ? seen(side, shown) : List.of();
      phase.show(seen);
      List<Integer> reached = new ArrayList<>();
      for (int exon : exons) {
        if (shown.reaches(table.firstColumn(exon), table.firstColumn(exon + 1))) {
          reached.add(exon);
        }
      }
      for (int i = 0; i < reached.size(); i++) {
        for (int j = i + 1; j < reached.size(); j++) {
          link(target.name(), reached.get(i), reached.get(j), seen);
        }
      }
    }

    private List<Difference> seen(int side, Shown shown) {
      List<Difference> seen = new ArrayList<>();
      for (Difference difference : differences.get(side)) {
        if (shown.find(difference.anchor()) >= 0) {
          seen.add(difference);
        }
      }
      return seen;
    }

    private void link(String name, int from, int to, List<Difference> seen) {
      Count count = links.computeIfAbsent(new Exons(from, to), e -> new Count());
      boolean phases =
          seen.stream().anyMatch(d -> d.feature() == from)
              && seen.stream().anyMatch(d -> d.feature() == to);
      count.amplicons.add(name);
      count.pairs++;
      count.phasingPairs += phases ? 1 : 0;
    }

    private List<ExonLink> named() {
      List<ExonLink> named = new ArrayList<>();
      links.forEach(
          (pair, count) ->
              named.add(
                  new ExonLink(
                      table.locus(),
                      table.features().get(pair.from()).name(),
                      table.features().get(pair.to()).name(),
                      List.copyOf(count.amplicons),
                      count.pairs,
                      count.phasingPairs)));
      return named;
    }
  }

  /** An empty tally of a called genotype. */
  Tally tally(LocusTable table, Genotype called) {
    return new Tally(table, called, minimumPairs);
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
