package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.gems.typer.calls.Drawing.ExonBases;
import org.gems.typer.calls.Drawing.ExonLink;
import org.gems.typer.calls.PhaseFinder.Difference;
import org.gems.typer.calls.PlacedSide.Stretch;
import org.gems.typer.evidence.PairStore;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Works out what a page draws of a called genotype: its exons, and which pairs link which. */
final class Drawer {
  private final SequencePlaces places;
  private final int minimumPairs;

  Drawer(Ruleset ruleset, SequencePlaces places) {
    this.places = places;
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

  /** The drawing of a genotype by the amplicons that it rests on. */
  Drawing draw(Genotype called, List<Attribution> amplicons) {
    LocusTable table = amplicons.get(0).evidence().product().table();
    PhaseFinder phase = new PhaseFinder(table, minimumPairs);
    Map<Exons, Count> links = new TreeMap<>();
    List<List<PlacedSide>> sidesOf = new ArrayList<>();
    called.classes().forEach(c -> sidesOf.add(new ArrayList<>()));
    for (Attribution amplicon : amplicons) {
      List<PlacedSide> sides = new ArrayList<>();
      for (int side = 0; side < sidesOf.size(); side++) {
        PlacedSide placed = amplicon.placed(side, places);
        sides.add(placed);
        sidesOf.get(side).add(placed);
      }
      count(amplicon, sides, phase, links);
    }
    List<ExonBases> exons = sidesOf.stream().flatMap(s -> ExonWriter.write(s).stream()).toList();
    return new Drawing(exons, named(table, links), phase.blocks());
  }

  private static void count(
      Attribution amplicon, List<PlacedSide> sides, PhaseFinder phase, Map<Exons, Count> links) {
    List<List<Difference>> differences = new ArrayList<>();
    for (int side = 0; side < sides.size(); side++) {
      differences.add(
          amplicon.isDeciding()
              ? phase.differences(sides.get(side), sides.get(1 - side).allele())
              : List.of());
    }
    PairStore store = amplicon.evidence().store();
    for (int p = 0; p < store.size(); p++) {
      int side = amplicon.sideOf(p);
      if (side >= 0) {
        int length = sides.get(side).depth().length;
        int leftEnd = Math.min(length, store.leftLength(p));
        int rightStart = length - store.rightLength(p);
        List<Difference> shown =
            differences.get(side).stream()
                .filter(d -> d.index() < leftEnd || d.index() >= rightStart)
                .toList();
        phase.show(shown);
        link(amplicon, exonsShown(sides.get(side), leftEnd, rightStart), shown, links);
      }
    }
  }

  private static List<Integer> exonsShown(PlacedSide side, int leftEnd, int rightStart) {
    return side.stretches().stream()
        .filter(s -> s.isShown(leftEnd, rightStart))
        .map(Stretch::feature)
        .filter(f -> side.featureName(f).startsWith("exon"))
        .toList();
  }

  private static void link(
      Attribution amplicon, List<Integer> exons, List<Difference> shown, Map<Exons, Count> links) {
    for (int i = 0; i < exons.size(); i++) {
      for (int j = i + 1; j < exons.size(); j++) {
        int from = exons.get(i);
        int to = exons.get(j);
        Count count = links.computeIfAbsent(new Exons(from, to), e -> new Count());
        boolean phases =
            shown.stream().anyMatch(d -> d.feature() == from)
                && shown.stream().anyMatch(d -> d.feature() == to);
        count.amplicons.add(amplicon.amplicon());
        count.pairs++;
        count.phasingPairs += phases ? 1 : 0;
      }
    }
  }

  private static List<ExonLink> named(LocusTable table, Map<Exons, Count> links) {
    List<ExonLink> named = new ArrayList<>();
    links.forEach(
        (exons, count) ->
            named.add(
                new ExonLink(
                    table.locus(),
                    table.features().get(exons.from()).name(),
                    table.features().get(exons.to()).name(),
                    List.copyOf(count.amplicons),
                    count.pairs,
                    count.phasingPairs)));
    return named;
  }
}
