package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.gems.typer.calls.Change;
import org.gems.typer.calls.Variant;
import org.gems.typer.library.LocusTable;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Looks in the exons of the called alleles for bases that many fragments show and neither allele
 * has: the mark of an allele that the release does not have. Bases that the release leaves open are
 * no news.
 */
final class NewBases {
  /** From here on fragments that show a base are one allele's. */
  private static final double ONE_SIDED = 0.8;

  private final int minimumPairs;
  private final double shareOfAllele;
  private final double shareOfAll;
  private final float leastPenalty;

  NewBases(Ruleset ruleset) {
    minimumPairs = ruleset.count(Threshold.UNEXPLAINED_MINIMUM_PAIRS);
    shareOfAllele = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_ALLELE);
    shareOfAll = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_AMPLICON);
    leastPenalty =
        new QualityModel(ruleset.get(Threshold.BASE_ERROR_FLOOR))
            .penalty(ruleset.count(Threshold.STRONG_BASE_QUALITY));
  }

  /** For each exon and called allele that is changed there, what it is changed to. */
  List<Variant> find(GeneResult result) {
    GroupPair called = result.called();
    Pileup pileup =
        new Pileup(
            result.model().gene(), result.model().fragments(), fromFirst(result), leastPenalty);
    List<Variant> found = new ArrayList<>();
    for (int exon : result.model().exons()) {
      for (int side = 0; side < called.sides().length; side++) {
        search(result, pileup, exon, side, found);
      }
    }
    return found;
  }

  /** How likely each fragment comes from the first allele, if from one of the two. */
  private static double[] fromFirst(GeneResult result) {
    GroupPair called = result.called();
    float[] one = result.model().likelihoods(called.one());
    float[] two = result.model().likelihoods(called.two());
    return IntStream.range(0, one.length)
        .mapToDouble(
            p -> {
              double first = called.share() * one[p];
              double both = first + (1 - called.share()) * two[p];
              return called.isHomozygous() ? 1 : both > 0 ? first / both : called.share();
            })
        .toArray();
  }

  private void search(GeneResult result, Pileup pileup, int exon, int side, List<Variant> found) {
    int allele = allele(result, side);
    byte[] row = result.row(exon, allele);
    byte[] stated = result.model().gene().table().row(exon, allele);
    byte[] consensus = row.clone();
    List<Integer> changed = new ArrayList<>();
    int carriers = 0;
    int depth = 1;
    for (int c = 0; c < row.length; c++) {
      if (KmerIndex.code(row[c]) < 0 || stated[c] == '*') {
        continue;
      }
      int column = result.model().gene().start(exon) + c;
      for (byte base : Pileup.BASE_LETTERS) {
        if (isNew(result, pileup, exon, c, base) && isOf(result, pileup, column, base, side)) {
          consensus[c] = base;
          changed.add(c);
          carriers = Math.max(carriers, pileup.count(column, base));
          depth = pileup.depth(column);
        }
      }
    }
    if (!changed.isEmpty()) {
      found.add(variant(result, exon, allele, consensus, changed, carriers, depth));
    }
  }

  private static int allele(GeneResult result, int side) {
    return result.group(result.called().sides()[side]).representative();
  }

  /** Whether enough fragments show a base that neither allele has. */
  private boolean isNew(GeneResult result, Pileup pileup, int exon, int c, byte base) {
    for (int side : result.called().sides()) {
      if (result.row(exon, result.group(side).representative())[c] == base) {
        return false;
      }
    }
    return pileup.count(result.model().gene().start(exon) + c, base) >= minimumPairs;
  }

  /** Whether the base changes this allele: its own fragments show it, or many and no other's. */
  private boolean isOf(GeneResult result, Pileup pileup, int column, byte base, int side) {
    double own = pileup.ofAllele(column, base, side);
    int all = pileup.count(column, base);
    boolean isOwn = own >= ONE_SIDED * all;
    if (isOwn && own >= shareOfAllele * pileup.depthOfAllele(column, side)) {
      return true;
    }
    boolean isMore = own > all - own || (own == all - own && side == 0);
    return (result.called().isHomozygous() || isMore) && all >= shareOfAll * pileup.depth(column);
  }

  private static Variant variant(
      GeneResult result,
      int exon,
      int allele,
      byte[] consensus,
      List<Integer> changed,
      int carriers,
      int depth) {
    LocusTable table = result.model().gene().table();
    String name = table.features().get(exon).name();
    byte[] row = result.row(exon, allele);
    List<Change> changes =
        changed.stream()
            .map(c -> new Change(name, position(row, c), (char) row[c], (char) consensus[c]))
            .toList();
    StringBuilder sequence = new StringBuilder();
    for (byte symbol : consensus) {
      sequence.append(symbol == '.' ? "" : (char) symbol);
    }
    return new Variant(
        table.locus(),
        name,
        result.name(allele),
        changes,
        carriers,
        (double) carriers / depth,
        sequence.toString());
  }

  /** 1-based place of a column among a row's bases. */
  private static int position(byte[] row, int column) {
    int bases = 0;
    for (int c = 0; c <= column; c++) {
      bases += row[c] == '.' ? 0 : 1;
    }
    return bases;
  }
}
