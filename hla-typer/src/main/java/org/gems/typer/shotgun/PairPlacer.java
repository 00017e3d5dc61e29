package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.gems.typer.reads.ReadBatch;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Gives pairs to the gene that explains them best; not for several threads at once. */
final class PairPlacer {
  private final List<Gene> genes;
  private final boolean[] typed;
  private final ReadPlacer first;
  private final ReadPlacer second;
  private final double tolerance;
  private final double tolerancePerBase;
  private final double geneMargin;

  PairPlacer(ShotgunLibrary library, Ruleset ruleset, Set<String> wanted) {
    genes = library.genes();
    typed = new boolean[genes.size()];
    for (int g = 0; g < typed.length; g++) {
      typed[g] = wanted.contains(genes.get(g).name());
    }
    first = new ReadPlacer(library, ruleset);
    second = new ReadPlacer(library, ruleset);
    tolerance = ruleset.get(Threshold.SHOTGUN_EXPLAINED_MARGIN_LN);
    tolerancePerBase = ruleset.get(Threshold.SHOTGUN_EXPLAINED_MARGIN_PER_BASE_LN);
    geneMargin = ruleset.get(Threshold.SHOTGUN_GENE_MARGIN_LN);
  }

  /** What becomes of each pair of a batch, in its order. */
  List<Verdict> place(ReadBatch batch) {
    List<Verdict> verdicts = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      boolean one = first.seek(batch, i, 0);
      boolean two = second.seek(batch, i, 1);
      verdicts.add(one || two ? ofHla() : Verdict.lost(ShotgunFilter.NOT_HLA));
    }
    return verdicts;
  }

  /** Only pairs that may be of use are laid on the genes' columns. */
  private Verdict ofHla() {
    boolean isTyped = false;
    for (ReadPlacer placer : List.of(first, second)) {
      for (int gene : placer.candidates()) {
        isTyped |= typed[gene];
        if (typed[gene] && placer.mayReachExon(gene)) {
          return placed();
        }
      }
    }
    return Verdict.lost(isTyped ? ShotgunFilter.OUTSIDE_EXONS : ShotgunFilter.OFF_TARGET);
  }

  private Verdict placed() {
    first.place();
    second.place();
    int best = best(-1);
    int other = best(best);
    double excess = cost(best) - first.promised() - second.promised();
    boolean close = other >= 0 && cost(other) - cost(best) < geneMargin;
    int bases = first.length() + second.length();
    if (excess > Math.min(tolerance, tolerancePerBase * bases)) {
      return Verdict.lost(ShotgunFilter.NO_ALLELE_WITHIN_TOLERANCE);
    }
    if (close && (typed[best] || typed[other])) {
      return Verdict.lost(ShotgunFilter.AMBIGUOUS_GENE);
    }
    return typed[best] ? kept(best) : Verdict.lost(ShotgunFilter.OFF_TARGET);
  }

  /** The gene of least cost but for one, or -1. */
  private int best(int butNot) {
    int best = -1;
    for (int g = 0; g < genes.size(); g++) {
      boolean placed = first.alignment(g) != null || second.alignment(g) != null;
      if (placed && g != butNot && (best < 0 || cost(g) < cost(best))) {
        best = g;
      }
    }
    return best;
  }

  private float cost(int gene) {
    return first.cost(gene) + second.cost(gene);
  }

  private Verdict kept(int gene) {
    List<Alignment> reads = new ArrayList<>(2);
    for (ReadPlacer placer : List.of(first, second)) {
      if (placer.alignment(gene) != null) {
        reads.add(placer.alignment(gene));
      }
    }
    int column = firstExonColumn(genes.get(gene), reads);
    return column < 0
        ? Verdict.lost(ShotgunFilter.OUTSIDE_EXONS)
        : new Verdict(null, gene, column, List.copyOf(reads));
  }

  private static int firstExonColumn(Gene gene, List<Alignment> reads) {
    for (Alignment read : reads) {
      for (int i = 0; i < read.size(); i++) {
        if (gene.features().get(gene.featureAt(read.column(i))).isExon()) {
          return read.column(i);
        }
      }
    }
    return -1;
  }
}
