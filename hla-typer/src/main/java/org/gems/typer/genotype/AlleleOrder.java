package org.gems.typer.genotype;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.gems.typer.index.IndexReader;
import org.gems.typer.index.IndexWriter;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.LocusTable;

/**
 * Which of a gene's alleles to name first where the reads cannot tell: an expressed one before a
 * null (a null is called on evidence of its defining site only), one that the release states in
 * full before one that it leaves open, then the more common, then the lower name.
 */
public final class AlleleOrder {
  private final int[] unknownBp;
  private final int[] rank;

  private AlleleOrder(int[] unknownBp, int[] rank) {
    this.unknownBp = unknownBp;
    this.rank = rank;
  }

  /**
   * The order of a gene's alleles.
   *
   * @param unknownBp for each, bases that the release leaves open where reads may lie
   */
  public static AlleleOrder of(LocusTable table, int[] unknownBp) {
    int alleles = table.alleles().size();
    int[] ordered =
        IntStream.range(0, alleles)
            .boxed()
            .sorted(
                Comparator.<Integer, Boolean>comparing(a -> table.alleles().get(a).name().isNull())
                    .thenComparing(a -> unknownBp[a] > 0)
                    .thenComparing(
                        table.alleles()::get,
                        Comparator.comparingInt(AlleleEntry::rarity)
                            .thenComparing(AlleleEntry::name)))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] rank = new int[alleles];
    for (int i = 0; i < alleles; i++) {
      rank[ordered[i]] = i;
    }
    return new AlleleOrder(unknownBp, rank);
  }

  /** Reads an order that was kept. */
  public static AlleleOrder read(IndexReader reader) {
    return new AlleleOrder(reader.numbers(), reader.numbers());
  }

  /** Keeps the order. */
  public void write(IndexWriter writer) {
    writer.numbers(unknownBp);
    writer.numbers(rank);
  }

  /** Bases that are open for an allele where reads may lie. */
  public int unknownBp(int allele) {
    return unknownBp[allele];
  }

  /** 0 for the allele to be named before all others. */
  public int rank(int allele) {
    return rank[allele];
  }
}
