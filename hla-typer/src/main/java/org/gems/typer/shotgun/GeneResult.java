package org.gems.typer.shotgun;

import java.util.List;
import java.util.stream.IntStream;
import org.gems.typer.library.LocusTable;

/**
 * What was found for one gene.
 *
 * @param ranked genotypes, the called one first; at least one
 * @param depth of all its fragments
 */
record GeneResult(ExonModel model, PairSearch search, List<GroupPair> ranked, ExonDepth depth) {
  GroupPair called() {
    return ranked.get(0);
  }

  AlleleGroup group(int side) {
    return model.groups().get(side);
  }

  String name(int allele) {
    return model.gene().table().alleles().get(allele).name().text();
  }

  /** A side's part in each fragment. */
  double[] weights(GroupPair genotype, int side) {
    int other = genotype.one() == side ? genotype.two() : genotype.one();
    double share = genotype.one() == side ? genotype.share() : 1 - genotype.share();
    float[] own = model.likelihoods(side);
    float[] rest = model.likelihoods(other);
    double copies = genotype.isHomozygous() ? 2 : 1;
    return IntStream.range(0, own.length)
        .mapToDouble(p -> copies * search.mixture().fromFirst(own[p], rest[p], share))
        .toArray();
  }

  /** Fragments that neither allele of a genotype explains. */
  int outliers(GroupPair genotype) {
    float[] one = model.likelihoods(genotype.one());
    float[] two = model.likelihoods(genotype.two());
    return (int)
        IntStream.range(0, one.length)
            .filter(p -> search.mixture().isOutlier(one[p], two[p], genotype.share()))
            .count();
  }

  /**
   * Fragments that another allele explains better, or none within a cost beyond what their
   * qualities promise.
   */
  int strays(double tolerated) {
    float[] one = model.likelihoods(called().one());
    float[] two = model.likelihoods(called().two());
    return (int)
        IntStream.range(0, one.length)
            .filter(
                p ->
                    model.leastCost(p) > tolerated + model.fragments().get(p).promised()
                        || search.mixture().isOutlier(one[p], two[p], called().share()))
            .count();
  }

  /** How many bases a read lays on the gene, on average over all reads of its fragments. */
  double meanReadBp() {
    return model.fragments().stream()
        .flatMap(fragment -> fragment.reads().stream())
        .mapToInt(Alignment::size)
        .average()
        .orElse(0);
  }

  /** Bases of an exon that the release leaves open for an allele. */
  int unknownBp(int exon, int allele) {
    int count = 0;
    for (byte symbol : model.gene().table().row(exon, allele)) {
      count += symbol == '*' ? 1 : 0;
    }
    return count;
  }

  /** Bases of all exons that the release leaves open for an allele. */
  int unknownBp(int allele) {
    return IntStream.of(model.exons()).map(f -> unknownBp(f, allele)).sum();
  }

  /** The row of an exon that stands for an allele, open bases filled. */
  byte[] row(int exon, int allele) {
    FeatureTable table = model.gene().features().get(exon);
    return table.row(table.rowOf(allele));
  }

  /** Mean depth of an exon over the called alleles' bases. */
  double meanDepth(int exon) {
    return depth.mean(exon, row(exon, group(called().one()).representative()));
  }

  /** Least depth of an exon over the called alleles' bases. */
  double minimumDepth(int exon) {
    return depth.minimum(exon, row(exon, group(called().one()).representative()));
  }

  /** Whether what the release states of an allele is the same as another's wherever reads lie. */
  boolean agreesWhereRead(int open, int allele) {
    LocusTable table = model.gene().table();
    for (int f : model.exons()) {
      byte[] stated = table.row(f, open);
      byte[] row = row(f, allele);
      for (int c = 0; c < row.length; c++) {
        if (stated[c] != '*' && stated[c] != row[c] && depth.at(f, c) > 0) {
          return false;
        }
      }
    }
    return true;
  }
}
