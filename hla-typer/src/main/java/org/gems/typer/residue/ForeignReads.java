package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.calls.CalledGene;

/**
 * What one sample has of others, and what others may have of it; small enough to keep for a run.
 *
 * @param sample its name
 * @param called alleles by gene
 * @param foreign pairs by gene, all counted; what explains them is kept of the most alike
 * @param thirds alleles that a gene's foreign pairs ask for by themselves
 */
public record ForeignReads(
    String sample,
    Map<String, List<CalledAllele>> called,
    Map<String, List<ForeignPairs>> foreign,
    Map<String, List<ThirdAllele>> thirds) {
  /**
   * Sets of sequences that are kept of an amplicon; some kilobytes. Pairs of one source are alike
   * but for errors, so that few pairs are counted without them.
   */
  private static final int KEPT = 20;

  static ForeignReads of(
      String sample,
      SampleResidue residue,
      Map<String, CalledGene> genes,
      Map<String, List<ThirdAllele>> thirds) {
    Map<String, List<CalledAllele>> called = new TreeMap<>();
    Map<String, List<ForeignPairs>> foreign = new TreeMap<>();
    genes.forEach(
        (gene, own) -> {
          called.put(
              gene,
              own.result().called().classes().stream()
                  .map(c -> new CalledAllele(c.representative(), own.result().model().name(c)))
                  .toList());
          foreign.put(gene, residue.foreign(gene).stream().map(p -> p.atMost(KEPT)).toList());
        });
    return new ForeignReads(sample, called, foreign, thirds);
  }

  /** How many foreign pairs there are. */
  int size() {
    return foreign.values().stream().mapToInt(ForeignReads::size).sum();
  }

  private static int size(List<ForeignPairs> amplicons) {
    return amplicons.stream().mapToInt(ForeignPairs::size).sum();
  }

  /** How many foreign pairs a gene has. */
  int size(String gene) {
    return size(foreign.get(gene));
  }

  /** How many of a gene's foreign pairs another sample's alleles explain. */
  int explained(String gene, List<CalledAllele> alleles) {
    List<ForeignPairs> rest = new ArrayList<>(foreign.get(gene));
    for (CalledAllele allele : alleles) {
      rest.replaceAll(amplicon -> amplicon.without(allele.index()));
    }
    return size(gene) - size(rest);
  }

  /** Pairs of the amplicons in which another sample's alleles could be seen. */
  int visible(String gene, List<CalledAllele> alleles) {
    return foreign.get(gene).stream()
        .filter(amplicon -> alleles.stream().anyMatch(a -> amplicon.isVisible(a.index())))
        .mapToInt(ForeignPairs::pairs)
        .sum();
  }
}
