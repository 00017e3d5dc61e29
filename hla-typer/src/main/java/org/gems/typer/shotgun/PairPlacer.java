package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.reads.ReadBatch;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Lays pairs on the genes that may have made them; not for several threads at once. */
final class PairPlacer {
  private final List<Gene> genes;
  private final boolean[] typed;
  private final ReadPlacer first;
  private final ReadPlacer second;
  private final int tolerance;
  private final int tolerancePerBase;
  private final int contested;
  private final int unstated;
  private final IntronPairs ofIntrons;

  /**
   * A placer.
   *
   * @param ofIntrons tells which pairs that reach no exon are too many
   */
  PairPlacer(ShotgunLibrary library, Ruleset ruleset, Set<String> wanted, IntronPairs ofIntrons) {
    this.ofIntrons = ofIntrons;
    genes = library.genes();
    typed = new boolean[genes.size()];
    for (int g = 0; g < typed.length; g++) {
      typed[g] = wanted.contains(genes.get(g).name());
    }
    first = new ReadPlacer(library, ruleset);
    second = new ReadPlacer(library, ruleset);
    tolerance = QualityModel.thousandths(ruleset, Threshold.SHOTGUN_EXPLAINED_MARGIN_LN);
    tolerancePerBase =
        QualityModel.thousandths(ruleset, Threshold.SHOTGUN_EXPLAINED_MARGIN_PER_BASE_LN);
    unstated = QualityModel.thousandths(ruleset, Threshold.SHOTGUN_UNSTATED_BASE_LN);
    contested = QualityModel.thousandths(ruleset, Threshold.SHOTGUN_CONTESTED_MARGIN_LN);
  }

  /** What becomes of each pair of a batch, in its order. */
  List<Verdict> place(ReadBatch batch) {
    List<Verdict> verdicts = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      if (batch.length(i, 0) == 0 && batch.length(i, 1) == 0) {
        verdicts.add(Verdict.lost(ShotgunFilter.TOO_SHORT));
        continue;
      }
      boolean one = first.seek(batch, i, 0);
      boolean two = second.seek(batch, i, 1);
      verdicts.add(one || two ? ofHla(batch.name(i)) : Verdict.lost(ShotgunFilter.NOT_HLA));
    }
    return verdicts;
  }

  /** Only pairs that may be of use are laid on the genes' columns. */
  private Verdict ofHla(long name) {
    boolean isTyped = false;
    int other = -1;
    for (ReadPlacer placer : List.of(first, second)) {
      for (int gene : placer.candidates()) {
        isTyped |= typed[gene];
        other = gene;
        if (typed[gene] && placer.mayReachExon(gene)) {
          return placed(name, true);
        }
      }
    }
    if (!isTyped) {
      return new Verdict(ShotgunFilter.OFF_TARGET, null, other);
    }
    return ofIntrons.isBeyond(stretch(), name)
        ? Verdict.lost(ShotgunFilter.OUTSIDE_EXONS)
        : placed(name, false);
  }

  /** Where the pair seems to lie, before it is laid: by its first k-mer in a typed gene. */
  private long stretch() {
    for (ReadPlacer placer : List.of(first, second)) {
      for (int gene : placer.candidates()) {
        if (typed[gene]) {
          return ofIntrons.stretch(gene, placer.firstColumn(gene));
        }
      }
    }
    return -1;
  }

  private Verdict placed(long name, boolean mayReachExon) {
    first.place();
    second.place();
    List<Placement> placements = new ArrayList<>();
    for (int g = 0; g < genes.size(); g++) {
      if (first.alignment(g) != null || second.alignment(g) != null) {
        placements.add(placement(g));
      }
    }
    placements.sort(Comparator.comparingInt(Placement::cost));
    Placement best = placements.get(0);
    double promised = first.promised() + second.promised();
    // Bases of which a gene states nothing speak between genes, and not against the best one.
    int stated = first.length() + second.length() - best.unstated();
    int misfit = best.cost() - unstated * best.unstated();
    if (misfit - promised > Math.min(tolerance, tolerancePerBase * stated)) {
      return Verdict.lost(
          mayReachExon ? ShotgunFilter.NO_ALLELE_WITHIN_TOLERANCE : ShotgunFilter.OUTSIDE_EXONS);
    }
    List<Placement> likely =
        placements.stream().filter(p -> p.cost() - best.cost() < contested).toList();
    if (best.exon() >= 0 && mayReachExon) {
      return Verdict.of(new Fragment(name, likely, promised));
    }
    boolean isOfOne = likely.size() == 1 && typed[best.gene()] && best.exon() < 0;
    return isOfOne
        ? Verdict.outsideExons(new Fragment(name, likely, promised), stretch())
        : Verdict.lost(ShotgunFilter.OUTSIDE_EXONS);
  }

  private Placement placement(int gene) {
    clip(gene);
    List<Alignment> reads = new ArrayList<>(2);
    for (ReadPlacer placer : List.of(first, second)) {
      if (placer.alignment(gene) != null && placer.alignment(gene).size() > 0) {
        reads.add(placer.alignment(gene));
      }
    }
    int exon = exon(genes.get(gene), reads);
    return new Placement(
        gene,
        List.copyOf(reads),
        exon,
        first.cost(gene) + second.cost(gene),
        first.unstated(gene) + second.unstated(gene));
  }

  /**
   * A read that runs on beyond the beginning of its mate shows what was joined to the fragment, the
   * adapter or the other primer, and not the patient's bases.
   */
  private void clip(int gene) {
    Alignment one = first.alignment(gene);
    Alignment two = second.alignment(gene);
    boolean isPair = one != null && two != null && first.isReverse() != second.isReverse();
    if (!isPair || one.size() == 0 || two.size() == 0) {
      return;
    }
    int from = first.isReverse() ? two.first() : one.first();
    int to = first.isReverse() ? one.last() : two.last();
    if (from < to) {
      first.clip(gene, from, to + 1);
      second.clip(gene, from, to + 1);
    }
  }

  /** The exon that most bases lie in, the first of equals; -1 where none lies in any. */
  private static int exon(Gene gene, List<Alignment> reads) {
    int found = -1;
    int most = 0;
    for (int exon : gene.exons()) {
      int bases = 0;
      for (Alignment read : reads) {
        bases +=
            read.firstFrom(gene.firstColumn(exon + 1)) - read.firstFrom(gene.firstColumn(exon));
      }
      if (bases > most) {
        most = bases;
        found = exon;
      }
    }
    return found;
  }
}
