package org.gems.typer.haplotype;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gems.typer.haplotype.LocatedAmplicon.Cut;
import org.gems.typer.library.LocusTable;

/**
 * Lists the sequences that each allele may have in an amplicon.
 *
 * <p>An allele that the release states in full has one. One that is open in part may have any
 * sequence of a fully stated allele of its family (first field) that agrees with it, or, where the
 * family has none, that of any allele that agrees, or its open part filled as is most common. It
 * may always be as the reference allele where it is open. Where another locus lends a feature, its
 * commonest fillings stand there for every allele.
 */
public final class HaplotypeSetBuilder {
  private final LocusTable table;
  private final LocatedAmplicon amplicon;
  private final List<Segments> segments;
  private final int[] ownSpans;
  private final int[] lentSpans;
  private final Fillings fillings;
  private final List<int[]> lentFillings;

  private final List<Pattern> patterns = new ArrayList<>();
  private final int[] patternOf;
  private final List<Pattern> completePatterns;
  private final Map<String, Integer> sequenceIds = new LinkedHashMap<>();
  private final Map<Pattern, int[]> sequencesOf = new HashMap<>();
  private final Map<List<Integer>, int[]> optionsOf = new HashMap<>();

  /** The pieces of some alleles, one a span. */
  private static final class Pattern {
    private final int[] pieces;
    private final boolean complete;
    private final Set<Integer> families = new LinkedHashSet<>();

    Pattern(int[] pieces, boolean complete) {
      this.pieces = pieces;
      this.complete = complete;
    }
  }

  private HaplotypeSetBuilder(LocusTable table, LocatedAmplicon amplicon, int graftsPerAllele) {
    this.table = table;
    this.amplicon = amplicon;
    segments = segments(table, amplicon);
    ownSpans = spansWhere(false);
    lentSpans = spansWhere(true);
    fillings = new Fillings(table, segments, graftsPerAllele);
    LocusTable lender = table.donor().orElse(table);
    lentFillings = withReference(new Fillings(lender, segments, graftsPerAllele).of(lentSpans));
    patternOf = new int[table.alleles().size()];
    findPatterns();
    completePatterns = patterns.stream().filter(p -> p.complete).toList();
  }

  /**
   * Builds the set of a locus for an amplicon.
   *
   * @return empty where no allele of the locus is stated in full there
   */
  public static Optional<HaplotypeSet> build(
      LocusTable table, LocatedAmplicon amplicon, int graftsPerAllele) {
    HaplotypeSetBuilder builder = new HaplotypeSetBuilder(table, amplicon, graftsPerAllele);
    boolean stated = builder.ownSpans.length > 0 && !builder.completePatterns.isEmpty();
    return stated ? Optional.of(builder.build()) : Optional.empty();
  }

  private static List<Segments> segments(LocusTable table, LocatedAmplicon amplicon) {
    Cut nowhere = new Cut(false, -1);
    int last = amplicon.spans().size() - 1;
    return IntStream.rangeClosed(0, last)
        .mapToObj(
            s ->
                new Segments(
                    table,
                    amplicon.spans().get(s),
                    s == 0 ? amplicon.ownStart() : nowhere,
                    s == last ? amplicon.ownEnd() : nowhere))
        .toList();
  }

  private List<int[]> withReference(List<int[]> found) {
    int[] reference = Arrays.stream(lentSpans).map(s -> segments.get(s).referencePiece()).toArray();
    boolean open =
        IntStream.range(0, reference.length)
            .anyMatch(i -> !segments.get(lentSpans[i]).isComplete(reference[i]));
    boolean known = open || found.stream().anyMatch(f -> Arrays.equals(f, reference));
    return known ? found : Stream.concat(found.stream(), Stream.of(reference)).toList();
  }

  private int[] spansWhere(boolean lent) {
    return IntStream.range(0, segments.size())
        .filter(s -> segments.get(s).isLent() == lent)
        .toArray();
  }

  private HaplotypeSet build() {
    completePatterns.forEach(this::sequencesOf);
    int[][] options = new int[patternOf.length][];
    int[] known = new int[patternOf.length];
    for (int a = 0; a < patternOf.length; a++) {
      options[a] = options(patternOf[a], family(a));
      known[a] = knownBp(patterns.get(patternOf[a]));
    }
    byte[][] sequences = sequenceIds.keySet().stream().map(Bases::codes).toArray(byte[][]::new);
    return new HaplotypeSet(sequences, options, known);
  }

  private int family(int allele) {
    return table.alleles().get(allele).name().family();
  }

  private void findPatterns() {
    Map<List<Integer>, Integer> seen = new HashMap<>();
    for (int a = 0; a < patternOf.length; a++) {
      int allele = a;
      int[] pieces = segments.stream().mapToInt(s -> s.pieceOfAllele(table, allele)).toArray();
      Integer id = seen.putIfAbsent(Arrays.stream(pieces).boxed().toList(), patterns.size());
      if (id == null) {
        id = patterns.size();
        patterns.add(new Pattern(pieces, isComplete(pieces)));
      }
      patterns.get(id).families.add(family(a));
      patternOf[a] = id;
    }
  }

  private boolean isComplete(int[] pieces) {
    return Arrays.stream(ownSpans).allMatch(s -> segments.get(s).isComplete(pieces[s]));
  }

  private int[] options(int patternId, int family) {
    Pattern pattern = patterns.get(patternId);
    return pattern.complete
        ? sequencesOf(pattern)
        : optionsOf.computeIfAbsent(List.of(patternId, family), k -> openOptions(pattern, family));
  }

  private int[] openOptions(Pattern pattern, int family) {
    List<Pattern> agreeing = agreeing(pattern);
    List<Pattern> kin = agreeing.stream().filter(p -> p.families.contains(family)).toList();
    List<Pattern> chosen = kin.isEmpty() ? agreeing : kin;
    IntStream stated = chosen.stream().flatMapToInt(p -> IntStream.of(sequencesOf(p)));
    Stream<int[]> guesses =
        Stream.concat(
            kin.isEmpty() ? grafts(pattern, family) : Stream.empty(), asReference(pattern.pieces));
    return IntStream.concat(stated, IntStream.of(sequenceIds(guesses))).distinct().toArray();
  }

  /** None where the reference allele is itself open. */
  private Stream<int[]> asReference(int[] pieces) {
    int[] result = pieces.clone();
    for (int s : ownSpans) {
      result[s] = segments.get(s).asReference(pieces[s]);
    }
    return isComplete(result) ? Stream.of(result) : Stream.empty();
  }

  private List<Pattern> agreeing(Pattern open) {
    BitSet[] allowed = new BitSet[segments.size()];
    for (int s : ownSpans) {
      allowed[s] = segments.get(s).agreeing(open.pieces[s]);
    }
    List<Pattern> result = new ArrayList<>();
    for (Pattern whole : completePatterns) {
      boolean agrees = true;
      for (int i = 0; agrees && i < ownSpans.length; i++) {
        agrees = allowed[ownSpans[i]].get(whole.pieces[ownSpans[i]]);
      }
      if (agrees) {
        result.add(whole);
      }
    }
    return result;
  }

  /** Fills the open pieces as the alleles that are stated there have them. */
  private Stream<int[]> grafts(Pattern pattern, int family) {
    int[] open =
        Arrays.stream(ownSpans)
            .filter(s -> !segments.get(s).isComplete(pattern.pieces[s]))
            .toArray();
    return fillings.ofFamilyOrAll(open, family).stream()
        .map(filling -> fill(pattern.pieces, open, filling));
  }

  /** Pieces with new ones in some spans; where the old piece states bases, they stay. */
  private int[] fill(int[] pieces, int[] open, int[] filling) {
    int[] result = pieces.clone();
    for (int i = 0; i < open.length; i++) {
      result[open[i]] = segments.get(open[i]).merged(pieces[open[i]], filling[i]);
    }
    return result;
  }

  private int[] sequencesOf(Pattern complete) {
    return sequencesOf.computeIfAbsent(
        complete, p -> sequenceIds(Stream.concat(Stream.of(p.pieces), asReference(p.pieces))));
  }

  private int[] sequenceIds(Stream<int[]> pieces) {
    return pieces
        .flatMap(p -> lentFillings.stream().map(lent -> fill(p, lentSpans, lent)))
        .flatMapToInt(this::betweenPrimers)
        .distinct()
        .toArray();
  }

  /** The sequences between the primers, one for each way to place their ends. */
  private IntStream betweenPrimers(int[] pieces) {
    Piece first = segments.get(0).piece(pieces[0]);
    int last = pieces.length - 1;
    Piece end = segments.get(last).piece(pieces[last]);
    int lastColumn = end.text().length() - amplicon.reverseColumns();
    int[] starts = {amplicon.forwardColumns(), placed(first.ownStart(), amplicon.forwardColumns())};
    int[] ends = {lastColumn, placed(end.ownEnd(), lastColumn)};
    return Arrays.stream(starts)
        .distinct()
        .flatMap(
            from ->
                Arrays.stream(ends).distinct().map(to -> sequenceId(sequence(pieces, from, to))));
  }

  private static int placed(int own, int byColumns) {
    return own < 0 ? byColumns : own;
  }

  private String sequence(int[] pieces, int from, int to) {
    StringBuilder text = new StringBuilder();
    int last = pieces.length - 1;
    for (int s = 0; s <= last; s++) {
      Piece piece = segments.get(s).piece(pieces[s]);
      text.append(piece.bases(s == 0 ? from : 0, s == last ? to : piece.text().length()));
    }
    return text.toString();
  }

  private int sequenceId(String text) {
    Integer id = sequenceIds.putIfAbsent(text, sequenceIds.size());
    return id == null ? sequenceIds.size() - 1 : id;
  }

  private int knownBp(Pattern pattern) {
    int known = 0;
    int last = segments.size() - 1;
    for (int s = 0; s <= last; s++) {
      Piece piece = segments.get(s).piece(pattern.pieces[s]);
      int columns = piece.text().length();
      known +=
          piece.knownBp(
              s == 0 ? amplicon.forwardColumns() : 0,
              s == last ? columns - amplicon.reverseColumns() : columns);
    }
    return known;
  }
}
