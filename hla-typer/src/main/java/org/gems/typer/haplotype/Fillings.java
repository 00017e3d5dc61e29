package org.gems.typer.haplotype;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.library.LocusTable;

/** The commonest ways in which the alleles of a locus are stated in some spans together. */
final class Fillings {
  private static final int ANY_FAMILY = -1;
  private static final int OPEN = -1;

  private final LocusTable source;
  private final List<Segments> segments;
  private final int limit;
  private final Map<List<Integer>, List<int[]>> known = new HashMap<>();

  /**
   * Fillings from a locus.
   *
   * @param segments of all spans; the source's rows are numbered as theirs are
   * @param limit at most so many, the commonest first
   */
  Fillings(LocusTable source, List<Segments> segments, int limit) {
    this.source = source;
    this.segments = segments;
    this.limit = limit;
  }

  /** Fillings of all families. */
  List<int[]> of(int[] spans) {
    return of(spans, ANY_FAMILY);
  }

  /** Fillings of one family where it has any, else of all. */
  List<int[]> ofFamilyOrAll(int[] spans, int family) {
    List<int[]> own = of(spans, family);
    return own.isEmpty() ? of(spans) : own;
  }

  private List<int[]> of(int[] spans, int family) {
    int[] key = Arrays.copyOf(spans, spans.length + 1);
    key[spans.length] = family;
    return known.computeIfAbsent(Arrays.stream(key).boxed().toList(), k -> count(spans, family));
  }

  private List<int[]> count(int[] spans, int family) {
    Map<List<Integer>, Integer> counts = new LinkedHashMap<>();
    for (int a = 0; a < source.alleles().size(); a++) {
      if (family == ANY_FAMILY || source.alleles().get(a).name().family() == family) {
        List<Integer> filling = stated(spans, a);
        if (!filling.contains(OPEN)) {
          counts.merge(filling, 1, Integer::sum);
        }
      }
    }
    return counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(limit)
        .map(e -> e.getKey().stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }

  private List<Integer> stated(int[] spans, int allele) {
    return Arrays.stream(spans)
        .map(
            s -> {
              int piece = segments.get(s).pieceOfAllele(source, allele);
              return segments.get(s).isComplete(piece) ? piece : OPEN;
            })
        .boxed()
        .toList();
  }
}
