package org.gems.typer.evidence;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.calls.RegionReads;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.Place;
import org.gems.typer.genotype.Places;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.library.LocusTable;

/**
 * Bases in the middle of an amplicon that no read reaches. Sequences that differ only there are one
 * to the reads: weighed once, none left out for want of room.
 */
final class UnreadBases {
  private UnreadBases() {}

  /** For each sequence the first that is as it wherever a read reaches. */
  static int[] sameAs(HaplotypeSet set, PairStore store) {
    int left = IntStream.range(0, store.size()).map(store::leftLength).max().orElse(0);
    int right = IntStream.range(0, store.size()).map(store::rightLength).max().orElse(0);
    Map<String, Integer> first = new HashMap<>();
    int[] sameAs = new int[set.size()];
    for (int h = 0; h < sameAs.length; h++) {
      sameAs[h] = h;
      if (left + right < set.length(h)) {
        Integer earlier = first.putIfAbsent(ends(set.sequence(h), left, right), h);
        sameAs[h] = earlier == null ? h : earlier;
      }
    }
    return sameAs;
  }

  /** A flag for each exon of which an amplicon holds bases that hardly a read reaches. */
  static List<Flag> flags(CalledGene gene) {
    Set<Integer> read = new HashSet<>();
    gene.regions().forEach(region -> addRead(region, read));
    List<LocusTable.Feature> features = gene.result().model().table().features();
    List<Flag> flags = new ArrayList<>();
    for (RegionReads region : gene.regions()) {
      Map<Integer, List<Place>> byFeature = new TreeMap<>();
      for (Places side : region.sides()) {
        Map<Integer, List<Place>> own =
            unread(region, side)
                .filter(i -> !read.contains(side.columns()[i]))
                .mapToObj(side.places()::get)
                .filter(place -> features.get(place.feature()).isExon())
                .collect(Collectors.groupingBy(Place::feature));
        own.forEach((feature, places) -> byFeature.merge(feature, places, UnreadBases::longer));
      }
      byFeature.forEach(
          (feature, places) -> flags.add(flag(gene, region, features.get(feature).name(), places)));
    }
    return flags;
  }

  private static List<Place> longer(List<Place> one, List<Place> other) {
    return one.size() < other.size() ? other : one;
  }

  private static void addRead(RegionReads region, Set<Integer> read) {
    for (Places side : region.sides()) {
      Set<Integer> unread = unread(region, side).boxed().collect(Collectors.toSet());
      IntStream.range(0, side.size())
          .filter(i -> !unread.contains(i))
          .forEach(i -> read.add(side.columns()[i]));
    }
  }

  /** Indices of an allele's bases in an amplicon that its reads do not reach from either end. */
  private static IntStream unread(RegionReads region, Places side) {
    PairStore store = ((Amplicon) region.region()).store();
    int left = reached(store, store::leftLength);
    int right = reached(store, store::rightLength);
    return IntStream.range(left, Math.max(left, side.size() - right));
  }

  /** Bases behind the primer that at least half of the pairs' reads have. */
  private static int reached(PairStore store, IntUnaryOperator length) {
    int[] lengths = IntStream.range(0, store.size()).map(length).sorted().toArray();
    return lengths.length == 0 ? 0 : lengths[lengths.length / 2];
  }

  private static Flag flag(
      CalledGene gene, RegionReads region, String feature, List<Place> places) {
    int first = places.get(0).position();
    int last = places.get(places.size() - 1).position();
    return Flag.of(
        FlagCode.UNREAD_EXON_BASES,
        "Hardly a read of %s reaches bases %d to %d of %s"
            .formatted(region.name(), first, last, feature),
        "gene",
        gene.gene(),
        "amplicon",
        region.name(),
        "feature",
        feature,
        "first_position",
        first,
        "last_position",
        last,
        "bases",
        places.size());
  }

  private static String ends(byte[] sequence, int left, int right) {
    int to = sequence.length;
    return new String(sequence, 0, left, StandardCharsets.ISO_8859_1)
        + '|'
        + new String(sequence, to - right, right, StandardCharsets.ISO_8859_1);
  }
}
