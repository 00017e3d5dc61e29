package org.gems.typer.evidence;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.gems.typer.haplotype.HaplotypeSet;
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

  /** The order of a gene's alleles, by what all its own products state of them. */
  static AlleleOrder of(LocusTable table, List<Product> products) {
    int alleles = table.alleles().size();
    int[] unknownBp = new int[alleles];
    for (int a = 0; a < alleles; a++) {
      for (Product product : products) {
        unknownBp[a] += unknownBp(product, a);
      }
    }
    int[] ordered =
        IntStream.range(0, alleles)
            .boxed()
            .sorted(
                Comparator.<Integer, Boolean>comparing(a -> table.alleles().get(a).name().isNull())
                    .thenComparing(a -> unknownBp[a] > 0)
                    .thenComparing(
                        table.alleles()::get,
                        Comparator.comparingInt(AlleleEntry::ciwdRank)
                            .thenComparing(AlleleEntry::name)))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] rank = new int[alleles];
    for (int i = 0; i < alleles; i++) {
      rank[ordered[i]] = i;
    }
    return new AlleleOrder(unknownBp, rank);
  }

  static AlleleOrder read(IndexReader reader) {
    return new AlleleOrder(reader.numbers(), reader.numbers());
  }

  void write(IndexWriter writer) {
    writer.numbers(unknownBp);
    writer.numbers(rank);
  }

  /** Bases between the primers of one product that the release leaves open for an allele. */
  public static int unknownBp(Product product, int allele) {
    HaplotypeSet set = product.haplotypes();
    int length = set.length(set.optionsOf(allele)[0]);
    return Math.max(0, length - set.knownBpOf(allele));
  }

  /** Bases between the primers of all the gene's amplicons that are open for an allele. */
  public int unknownBp(int allele) {
    return unknownBp[allele];
  }

  /** 0 for the allele to be named before all others. */
  public int rank(int allele) {
    return rank[allele];
  }
}
