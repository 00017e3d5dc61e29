package org.gems.typer.shotgun;

import java.util.List;
import org.gems.typer.reads.FastqReader;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Places single reads on every gene that may have made them; not for several threads at once. */
final class ReadPlacer {
  /** One k-mer in so many is looked up to tell whether a read is HLA's at all. */
  private static final int PROBE_STEP = 8;

  /** So many known k-mers of one strand leave no need to look at the other. */
  private static final int CLEARLY_THERE = 3;

  private final List<Gene> genes;
  private final int k;
  private final Hits hits;
  private final Aligner aligner;
  private final QualityModel qualities;
  private final float unstated;
  private final double geneShare;
  private final Strand forward = new Strand();
  private final Strand reverse = new Strand();
  private final Alignment[] alignments;
  private final float[] costs;
  private float[] rowCosts = new float[1024];
  private float promised;
  private float unplaced;

  ReadPlacer(ShotgunLibrary library, Ruleset ruleset) {
    this.genes = library.genes();
    this.k = library.index().k();
    this.hits = new Hits(library.index(), genes.size());
    this.qualities = new QualityModel(ruleset.get(Threshold.BASE_ERROR_FLOOR));
    this.aligner = new Aligner(qualities);
    this.unstated = (float) ruleset.get(Threshold.SHOTGUN_UNSTATED_BASE_LN);
    this.geneShare = ruleset.get(Threshold.SHOTGUN_GENE_KMER_SHARE);
    this.alignments = new Alignment[genes.size()];
    this.costs = new float[genes.size()];
  }

  /** Places a read and answers whether any gene knows it. */
  boolean place(FastqReader record) {
    java.util.Arrays.fill(alignments, null);
    promised = 0;
    forward.load(record, false);
    reverse.load(record, true);
    int there = hits.probe(forward, PROBE_STEP);
    int back = there >= CLEARLY_THERE ? 0 : hits.probe(reverse, PROBE_STEP);
    unplaced = 2 * unstated * record.length();
    if (there + back == 0) {
      return false;
    }
    Strand strand = there >= back ? forward : reverse;
    hits.collect(strand);
    for (int gene : hits.genes(geneShare)) {
      placeOn(gene, strand);
    }
    promised = promised(strand);
    return true;
  }

  private void placeOn(int geneIndex, Strand strand) {
    Gene gene = genes.get(geneIndex);
    Alignment alignment = aligner.align(strand, gene, geneIndex, hits, k);
    alignments[geneIndex] = alignment;
    int bases = 0;
    for (int i = 0; i < alignment.size(); i++) {
      bases += alignment.symbol(i) == '.' ? 0 : 1;
    }
    costs[geneIndex] = unstated * (strand.length() - bases);
    for (int i = 0; i < alignment.size(); ) {
      int feature = gene.featureAt(alignment.column(i));
      costs[geneIndex] += bestRow(gene, feature, alignment);
      i = alignment.firstFrom(gene.start(feature) + gene.features().get(feature).columns());
    }
  }

  private float bestRow(Gene gene, int feature, Alignment alignment) {
    FeatureTable table = gene.features().get(feature);
    rowCosts = rowCosts.length < table.rows() ? new float[table.rows() * 2] : rowCosts;
    table.score(alignment, gene.start(feature), 10 * unstated, rowCosts);
    float best = rowCosts[0];
    for (int r = 1; r < table.rows(); r++) {
      best = Math.min(best, rowCosts[r]);
    }
    return best;
  }

  private float promised(Strand strand) {
    float sum = 0;
    for (int i = 0; i < strand.length(); i++) {
      int quality = strand.quality(i);
      sum += qualities.errorRate(quality) * qualities.penalty(quality);
    }
    return sum;
  }

  /** The last read on a gene's columns, or null where it is not that gene's. */
  Alignment alignment(int gene) {
    return alignments[gene];
  }

  /** What the last read costs the gene's best rows. */
  float cost(int gene) {
    return alignments[gene] == null ? unplaced : costs[gene];
  }

  /** The part of the cost that the read's own qualities promise. */
  float promised() {
    return promised;
  }
}
