package org.gems.typer.haplotype;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gems.typer.haplotype.AmpliconLocator.Span;
import org.gems.typer.library.LocusTable;

/**
 * Lists the sequences that each allele may have in an amplicon.
 *
 * <p>An allele that the release states in full has one. One that is open in part may have any
 * sequence of a fully stated allele that agrees with it, those of its own family (first field)
 * before others. One whose stated part is like no fully stated allele has its open part filled from
 * the commonest fillings of its family.
 */
public final class HaplotypeSetBuilder {
  private final LocusTable table;
  private final List<Span> spans;
  private final int graftsPerAllele;
  private final List<Segments> segments = new ArrayList<>();
  private final List<Pattern> patterns = new ArrayList<>();
  private final int[] patternOf;
  private final Map<String, Integer> sequenceIds = new LinkedHashMap<>();
  private final Map<List<Integer>, int[]> optionsByPattern = new HashMap<>();
  private final int[] ownSpans;
  private final int[] lentSpans;
  private List<int[]> lentFillings = List.of();

  /** Pieces of an allele, one a span, and the families of the alleles that have them. */
  private record Pattern(int[] pieces, boolean complete, Set<Integer> families) {}

  private HaplotypeSetBuilder(LocusTable table, List<Span> spans, int graftsPerAllele) {
    this.table = table;
    this.spans = spans;
    this.graftsPerAllele = graftsPerAllele;
    this.patternOf = new int[table.alleles().size()];
    this.lentSpans = IntStream.range(0, spans.size()).filter(this::isLent).toArray();
    this.ownSpans = IntStream.range(0, spans.size()).filter(s -> !isLent(s)).toArray();
  }

  /**
   * Builds the set of a locus for the columns between an amplicon's primers.
   *
   * @return empty where no allele of the locus is stated in full there
   */
  public static Optional<HaplotypeSet> build(
      LocusTable table, List<Span> spans, int graftsPerAllele) {
    return new HaplotypeSetBuilder(table, spans, graftsPerAllele).build();
  }

  private boolean isLent(int span) {
    return table.features().get(spans.get(span).feature()).borrowed();
  }

  private Optional<HaplotypeSet> build() {
    spans.forEach(s -> segments.add(new Segments(table.features().get(s.feature()), s)));
    LocusTable lender = table.donor().orElse(table);
    lentFillings = fillings(lender, lentSpans, a -> true);
    findPatterns();
    if (ownSpans.length == 0 || patterns.stream().noneMatch(Pattern::complete)) {
      return Optional.empty();
    }
    int alleles = patternOf.length;
    int[][] options = new int[alleles][];
    int[] known = new int[alleles];
    for (int pass = 0; pass < 2; pass++) {
      for (int a = 0; a < alleles; a++) {
        Pattern pattern = patterns.get(patternOf[a]);
        if (pattern.complete() == (pass == 0)) {
          options[a] = options(patternOf[a], family(table, a));
          known[a] = knownBp(pattern);
        }
      }
    }
    byte[][] sequences = sequenceIds.keySet().stream().map(Bases::codes).toArray(byte[][]::new);
    return Optional.of(new HaplotypeSet(sequences, options, known));
  }

  private static int family(LocusTable table, int allele) {
    return table.alleles().get(allele).name().family();
  }

  private void findPatterns() {
    Map<List<Integer>, Integer> seen = new HashMap<>();
    for (int a = 0; a < patternOf.length; a++) {
      int allele = a;
      int[] pieces = IntStream.range(0, spans.size()).map(s -> pieceOf(table, s, allele)).toArray();
      Integer id = seen.putIfAbsent(key(pieces), patterns.size());
      if (id == null) {
        id = patterns.size();
        patterns.add(new Pattern(pieces, isComplete(pieces), new LinkedHashSet<>()));
      }
      patterns.get(id).families().add(family(table, a));
      patternOf[a] = id;
    }
  }

  private int pieceOf(LocusTable source, int span, int allele) {
    int row = source.features().get(spans.get(span).feature()).rowOf()[allele];
    return segments.get(span).pieceOfRow(row);
  }

  private static List<Integer> key(int[] pieces) {
    return Arrays.stream(pieces).boxed().toList();
  }

  private boolean isComplete(int[] pieces) {
    return Arrays.stream(ownSpans).allMatch(s -> segments.get(s).isComplete(pieces[s]));
  }

  private int[] options(int patternId, int family) {
    Pattern pattern = patterns.get(patternId);
    if (pattern.complete()) {
      return sequenceIds(Stream.of(pattern.pieces()));
    }
    return optionsByPattern.computeIfAbsent(
        List.of(patternId, family), k -> openOptions(pattern, family));
  }

  private int[] openOptions(Pattern pattern, int family) {
    List<Pattern> agreeing = patterns.stream().filter(p -> agrees(pattern, p)).toList();
    List<Pattern> kin = agreeing.stream().filter(p -> p.families().contains(family)).toList();
    List<Pattern> chosen = kin.isEmpty() ? agreeing : kin;
    return chosen.isEmpty()
        ? sequenceIds(grafts(pattern, family))
        : sequenceIds(chosen.stream().map(Pattern::pieces));
  }

  private boolean agrees(Pattern open, Pattern whole) {
    return whole.complete()
        && Arrays.stream(ownSpans)
            .allMatch(s -> segments.get(s).agrees(open.pieces()[s], whole.pieces()[s]));
  }

  /** Fills the open pieces as the alleles that are stated there have them. */
  private Stream<int[]> grafts(Pattern pattern, int family) {
    int[] open =
        Arrays.stream(ownSpans)
            .filter(s -> !segments.get(s).isComplete(pattern.pieces()[s]))
            .toArray();
    List<int[]> kin = fillings(table, open, a -> family(table, a) == family);
    List<int[]> ranked = kin.isEmpty() ? fillings(table, open, a -> true) : kin;
    return ranked.stream().map(filling -> fill(pattern.pieces(), open, filling));
  }

  /** The commonest ways in which alleles of a locus are stated in some spans together. */
  private List<int[]> fillings(LocusTable source, int[] open, IntPredicate isKin) {
    Map<List<Integer>, Integer> counts = new LinkedHashMap<>();
    for (int a = 0; a < source.alleles().size(); a++) {
      int allele = a;
      int[] pieces = Arrays.stream(open).map(s -> pieceOf(source, s, allele)).toArray();
      boolean whole =
          IntStream.range(0, open.length)
              .allMatch(i -> segments.get(open[i]).isComplete(pieces[i]));
      if (whole && isKin.test(a)) {
        counts.merge(key(pieces), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(graftsPerAllele)
        .map(e -> e.getKey().stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }

  /** Pieces with new ones in some spans; where the old piece states bases, they stay. */
  private int[] fill(int[] pieces, int[] open, int[] filling) {
    int[] result = pieces.clone();
    for (int i = 0; i < open.length; i++) {
      result[open[i]] = segments.get(open[i]).merged(pieces[open[i]], filling[i]);
    }
    return result;
  }

  private int[] sequenceIds(Stream<int[]> pieces) {
    return pieces
        .flatMap(p -> lentFillings.stream().map(lent -> fill(p, lentSpans, lent)))
        .mapToInt(p -> sequenceId(sequence(p)))
        .distinct()
        .toArray();
  }

  private String sequence(int[] pieces) {
    StringBuilder text = new StringBuilder();
    for (int s = 0; s < pieces.length; s++) {
      for (byte symbol : segments.get(s).piece(pieces[s])) {
        if (symbol != '.') {
          text.append((char) symbol);
        }
      }
    }
    return text.toString();
  }

  private int sequenceId(String text) {
    Integer id = sequenceIds.putIfAbsent(text, sequenceIds.size());
    return id == null ? sequenceIds.size() - 1 : id;
  }

  private int knownBp(Pattern pattern) {
    int known = 0;
    for (int s = 0; s < segments.size(); s++) {
      for (byte symbol : segments.get(s).piece(pattern.pieces()[s])) {
        known += symbol == '*' || symbol == '.' ? 0 : 1;
      }
    }
    return known;
  }
}
