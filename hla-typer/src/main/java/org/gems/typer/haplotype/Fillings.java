package org.gems.typer.haplotype;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.IntKey;
import org.gems.typer.library.LocusTable;

/** The commonest ways in which the alleles of a locus are stated in some spans together. */
final class Fillings {
  private static final int ANY_FAMILY = -1;

  private final LocusTable source;
  private final List<Segments> segments;
  private final int limit;
  private final int[] families;
  private final Map<IntKey, List<int[]>> known = new HashMap<>();

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
    this.families = source.families();
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
    return known.computeIfAbsent(new IntKey(key), k -> count(spans, family));
  }

  private List<int[]> count(int[] spans, int family) {
    Map<IntKey, Integer> counts = new LinkedHashMap<>();
    for (int a = 0; a < families.length; a++) {
      if (family == ANY_FAMILY || families[a] == family) {
        int[] filling = stated(spans, a);
        if (filling != null) {
          counts.merge(new IntKey(filling), 1, Integer::sum);
        }
      }
    }
    return counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(limit)
        .map(e -> e.getKey().values())
        .toList();
  }

  /** The pieces of an allele in some spans, or null where one of them is open. */
  private int[] stated(int[] spans, int allele) {
    int[] filling = new int[spans.length];
    for (int i = 0; i < spans.length; i++) {
      filling[i] = segments.get(spans[i]).pieceOfAllele(source, allele);
      if (!segments.get(spans[i]).isComplete(filling[i])) {
        return null;
      }
    }
    return filling;
  }
}
