package org.gems.typer.haplotype;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gems.typer.IntKey;
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
  private final int leastBp;
  private final int[] families;
  private final int[] ownSpans;
  private final int[] lentSpans;
  private final Fillings fillings;
  private final List<int[]> lentFillings;

  private final List<Pattern> patterns = new ArrayList<>();
  private final int[] patternOf;
  private final List<Pattern> completePatterns;
  private final Map<Integer, BitSet> patternsOfFamily = new HashMap<>();
  private final List<Map<Integer, BitSet>> patternsLike = new ArrayList<>();
  private final SequenceIds sequenceIds = new SequenceIds();
  private final DistinctInts distinct = new DistinctInts();
  private final Map<IntKey, int[]> optionsOf = new HashMap<>();

  /** The pieces of some alleles, one a span. */
  private static final class Pattern {
    private final int[] pieces;
    private final boolean complete;
    private int[] sequences;

    Pattern(int[] pieces, boolean complete) {
      this.pieces = pieces;
      this.complete = complete;
    }
  }

  private HaplotypeSetBuilder(
      LocusTable table, LocatedAmplicon amplicon, int graftsPerAllele, int leastBp) {
    this.leastBp = leastBp;
    this.table = table;
    this.amplicon = amplicon;
    this.families = table.families();
    segments = segments(table, amplicon);
    ownSpans = spansWhere(false);
    lentSpans = spansWhere(true);
    fillings = new Fillings(table, segments, graftsPerAllele);
    LocusTable lender = table.donor().orElse(table);
    lentFillings = withReference(new Fillings(lender, segments, graftsPerAllele).of(lentSpans));
    patternOf = new int[table.alleles().size()];
    findPatterns();
    completePatterns = patterns.stream().filter(p -> p.complete).toList();
    segments.forEach(s -> patternsLike.add(new HashMap<>()));
    findFamilies();
  }

  /**
   * Builds the set of a locus for an amplicon.
   *
   * @param leastBp shorter sequences are left out: next to nothing between the primers is what any
   *     pair of primers that met makes, and no read of it tells of an allele
   * @return empty where no allele of the locus is stated in full there
   */
  public static Optional<HaplotypeSet> build(
      LocusTable table, LocatedAmplicon amplicon, int graftsPerAllele, int leastBp) {
    HaplotypeSetBuilder builder =
        new HaplotypeSetBuilder(table, amplicon, graftsPerAllele, leastBp);
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
      options[a] = options(patternOf[a], families[a]);
      known[a] = knownBp(patterns.get(patternOf[a]));
    }
    return new HaplotypeSet(LengthGroup.of(sequenceIds.all()), options, known);
  }

  private void findPatterns() {
    Map<IntKey, Integer> seen = new HashMap<>();
    for (int a = 0; a < patternOf.length; a++) {
      int[] pieces = new int[segments.size()];
      for (int s = 0; s < pieces.length; s++) {
        pieces[s] = segments.get(s).pieceOfAllele(table, a);
      }
      Integer id = seen.putIfAbsent(new IntKey(pieces), patterns.size());
      if (id == null) {
        id = patterns.size();
        patterns.add(new Pattern(pieces, isComplete(pieces)));
      }
      patternOf[a] = id;
    }
  }

  /** Which complete patterns each family has, by their index among the complete ones. */
  private void findFamilies() {
    int[] rank = new int[patterns.size()];
    int complete = 0;
    for (int p = 0; p < rank.length; p++) {
      rank[p] = patterns.get(p).complete ? complete++ : -1;
    }
    for (int a = 0; a < patternOf.length; a++) {
      if (rank[patternOf[a]] >= 0) {
        patternsOfFamily.computeIfAbsent(families[a], f -> new BitSet()).set(rank[patternOf[a]]);
      }
    }
  }

  private boolean isComplete(int[] pieces) {
    for (int s : ownSpans) {
      if (!segments.get(s).isComplete(pieces[s])) {
        return false;
      }
    }
    return true;
  }

  private int[] options(int patternId, int family) {
    Pattern pattern = patterns.get(patternId);
    return pattern.complete
        ? sequencesOf(pattern)
        : optionsOf.computeIfAbsent(
            new IntKey(patternId, family), k -> openOptions(pattern, family));
  }

  private int[] openOptions(Pattern pattern, int family) {
    BitSet agreeing = agreeing(pattern);
    BitSet kin = (BitSet) agreeing.clone();
    kin.and(patternsOfFamily.getOrDefault(family, new BitSet()));
    BitSet chosen = kin.isEmpty() ? agreeing : kin;
    int[][] stated =
        chosen.stream().mapToObj(p -> sequencesOf(completePatterns.get(p))).toArray(int[][]::new);
    List<int[]> guesses = new ArrayList<>(kin.isEmpty() ? grafts(pattern, family) : List.of());
    asReference(pattern.pieces).ifPresent(guesses::add);
    distinct.begin();
    for (int[] sequences : stated) {
      for (int sequence : sequences) {
        distinct.add(sequence);
      }
    }
    guesses.forEach(this::addSequences);
    return distinct.toArray();
  }

  /** Empty where the reference allele is itself open. */
  private Optional<int[]> asReference(int[] pieces) {
    int[] result = pieces.clone();
    for (int s : ownSpans) {
      result[s] = segments.get(s).asReference(pieces[s]);
    }
    return isComplete(result) ? Optional.of(result) : Optional.empty();
  }

  /** The complete patterns that agree with an open one, by their index among the complete ones. */
  private BitSet agreeing(Pattern open) {
    BitSet result = new BitSet();
    result.set(0, completePatterns.size());
    for (int s : ownSpans) {
      int span = s;
      result.and(patternsLike.get(s).computeIfAbsent(open.pieces[s], p -> patternsLike(span, p)));
    }
    return result;
  }

  private BitSet patternsLike(int span, int piece) {
    BitSet allowed = segments.get(span).agreeing(piece);
    BitSet result = new BitSet();
    for (int p = 0; p < completePatterns.size(); p++) {
      result.set(p, allowed.get(completePatterns.get(p).pieces[span]));
    }
    return result;
  }

  /** Fills the open pieces as the alleles that are stated there have them. */
  private List<int[]> grafts(Pattern pattern, int family) {
    int[] open =
        Arrays.stream(ownSpans)
            .filter(s -> !segments.get(s).isComplete(pattern.pieces[s]))
            .toArray();
    return fillings.ofFamilyOrAll(open, family).stream()
        .map(filling -> fill(pattern.pieces, open, filling))
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

  private int[] sequencesOf(Pattern complete) {
    if (complete.sequences == null) {
      distinct.begin();
      addSequences(complete.pieces);
      asReference(complete.pieces).ifPresent(this::addSequences);
      complete.sequences = distinct.toArray();
    }
    return complete.sequences;
  }

  private void addSequences(int[] pieces) {
    for (int[] lent : lentFillings) {
      addBetweenPrimers(fill(pieces, lentSpans, lent));
    }
  }

  /** The sequences between the primers, one for each way to place their ends. */
  private void addBetweenPrimers(int[] pieces) {
    Piece first = segments.get(0).piece(pieces[0]);
    int last = pieces.length - 1;
    Piece end = segments.get(last).piece(pieces[last]);
    int from = amplicon.forwardColumns();
    int to = end.columns() - amplicon.reverseColumns();
    int ownFrom = placed(first.ownStart(), from);
    int ownTo = placed(end.ownEnd(), to);
    addSequence(pieces, from, to);
    if (ownTo != to) {
      addSequence(pieces, from, ownTo);
    }
    if (ownFrom != from) {
      addSequence(pieces, ownFrom, to);
      if (ownTo != to) {
        addSequence(pieces, ownFrom, ownTo);
      }
    }
  }

  private static int placed(int own, int byColumns) {
    return own < 0 ? byColumns : own;
  }

  private void addSequence(int[] pieces, int from, int to) {
    int last = pieces.length - 1;
    sequenceIds.begin();
    for (int s = 0; s <= last; s++) {
      Piece piece = segments.get(s).piece(pieces[s]);
      sequenceIds.append(piece, s == 0 ? from : 0, s == last ? to : piece.columns());
    }
    if (sequenceIds.length() >= leastBp) {
      distinct.add(sequenceIds.id());
    }
  }

  private int knownBp(Pattern pattern) {
    int known = 0;
    int last = segments.size() - 1;
    for (int s = 0; s <= last; s++) {
      Piece piece = segments.get(s).piece(pattern.pieces[s]);
      int columns = piece.columns();
      known +=
          piece.knownBp(
              s == 0 ? amplicon.forwardColumns() : 0,
              s == last ? columns - amplicon.reverseColumns() : columns);
    }
    return known;
  }
}
