package org.gems.typer.shotgun;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gems.typer.reads.PairReader;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Streams a sample's pairs, gives each to the gene that explains it best, and keeps exons' pairs.
 */
public final class ShotgunCollector {
  private static final int BIN_COLUMNS = 32;

  private final List<Gene> genes;
  private final boolean[] typed;
  private final ReadPlacer first;
  private final ReadPlacer second;
  private final double tolerance;
  private final double geneMargin;
  private final int cap;
  private final ShotgunEvidence evidence;
  private final Map<Long, Integer> kept = new HashMap<>();

  private ShotgunCollector(ShotgunLibrary library, Ruleset ruleset, Set<String> wanted) {
    genes = library.genes();
    typed = new boolean[genes.size()];
    for (int g = 0; g < typed.length; g++) {
      typed[g] = wanted.contains(genes.get(g).name());
    }
    first = new ReadPlacer(library, ruleset);
    second = new ReadPlacer(library, ruleset);
    tolerance = ruleset.get(Threshold.SHOTGUN_EXPLAINED_MARGIN_LN);
    geneMargin = ruleset.get(Threshold.SHOTGUN_GENE_MARGIN_LN);
    cap = ruleset.count(Threshold.SHOTGUN_PAIRS_CAP_PER_BIN);
    evidence = new ShotgunEvidence(genes.size());
  }

  /**
   * Reads a sample to its end.
   *
   * @param wanted the genes to be typed
   * @throws IOException where a file cannot be closed
   * @throws org.gems.typer.BadInputException where a file is not as it must be
   */
  public static ShotgunEvidence collect(
      ShotgunLibrary library, Ruleset ruleset, Set<String> wanted, Sample sample)
      throws IOException {
    ShotgunCollector collector = new ShotgunCollector(library, ruleset, wanted);
    try (PairReader reader = new PairReader(sample.r1(), sample.r2())) {
      while (reader.next()) {
        collector.add(reader);
      }
    }
    return collector.evidence;
  }

  private void add(PairReader reader) {
    evidence.countPair();
    boolean one = first.place(reader.first());
    boolean two = second.place(reader.second());
    if (!one && !two) {
      evidence.lose(ShotgunFilter.NOT_HLA);
      return;
    }
    int best = best(-1);
    int other = best(best);
    double excess = cost(best) - first.promised() - second.promised();
    if (excess > tolerance) {
      evidence.lose(ShotgunFilter.NO_ALLELE_WITHIN_TOLERANCE);
    } else if (other >= 0
        && cost(other) - cost(best) < geneMargin
        && (typed[best] || typed[other])) {
      evidence.lose(ShotgunFilter.AMBIGUOUS_GENE);
    } else if (!typed[best]) {
      evidence.lose(ShotgunFilter.OFF_TARGET);
    } else {
      keep(best);
    }
  }

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

  private void keep(int gene) {
    List<Alignment> reads = new ArrayList<>();
    for (ReadPlacer placer : List.of(first, second)) {
      if (placer.alignment(gene) != null) {
        reads.add(placer.alignment(gene));
      }
    }
    int column = firstExonColumn(genes.get(gene), reads);
    if (column < 0) {
      evidence.lose(ShotgunFilter.OUTSIDE_EXONS);
    } else if (kept.merge(((long) gene << 32) | (column / BIN_COLUMNS), 1, Integer::sum) > cap) {
      evidence.lose(ShotgunFilter.BEYOND_DEPTH_CAP);
    } else {
      evidence.fragments(gene).add(new Fragment(List.copyOf(reads)));
    }
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
