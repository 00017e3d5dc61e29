package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.List;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.reads.ReadBatch;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Places single reads on every gene that may have made them; not for several threads at once. */
final class ReadPlacer {
  /** One k-mer in so many is looked up to tell whether a read is HLA's at all. */
  private static final int PROBE_STEP = 8;

  /** So many known k-mers of one strand leave no need to look at the other. */
  private static final int CLEARLY_THERE = 3;

  /** Columns that gaps may add to a read. */
  private static final int GAPS_BP = 50;

  private final List<Gene> genes;
  private final int k;
  private final Hits hits;
  private final Aligner aligner;
  private final QualityModel qualities;
  private final int unstated;
  private final double geneShare;
  private final Strand forward = new Strand();
  private final Strand reverse = new Strand();
  private final Alignment[] alignments;
  private final int[] unlaid;
  private final RecentRows recent;
  private int[] rowCosts = new int[1024];
  private Strand strand = forward;
  private List<Integer> candidates = List.of();
  private int length;

  ReadPlacer(ShotgunLibrary library, Ruleset ruleset) {
    this.genes = library.genes();
    this.k = library.index().k();
    this.hits = new Hits(library.index(), genes.size());
    this.qualities = QualityModel.of(ruleset);
    this.aligner = new Aligner(qualities);
    this.unstated = QualityModel.thousandths(ruleset, Threshold.SHOTGUN_UNSTATED_BASE_LN);
    this.geneShare = ruleset.get(Threshold.SHOTGUN_GENE_KMER_SHARE);
    this.alignments = new Alignment[genes.size()];
    this.unlaid = new int[genes.size()];
    this.recent = new RecentRows(genes);
  }

  /**
   * Looks a fragment's read, 0 or 1, up and answers whether any gene knows it; none knows a read
   * that is not there.
   */
  boolean seek(ReadBatch batch, int fragment, int mate) {
    Arrays.fill(alignments, null);
    candidates = List.of();
    length = batch.length(fragment, mate);
    forward.load(batch, batch.start(fragment, mate), length, false);
    int there = hits.probe(forward, PROBE_STEP, CLEARLY_THERE);
    int back = 0;
    if (there < CLEARLY_THERE) {
      reverse.load(batch, batch.start(fragment, mate), length, true);
      back = hits.probe(reverse, PROBE_STEP, CLEARLY_THERE);
    }
    if (there + back == 0) {
      return false;
    }
    strand = there >= back ? forward : reverse;
    hits.collect(strand);
    candidates = hits.genes(geneShare);
    return true;
  }

  /** Bases of the last read. */
  int length() {
    return length;
  }

  /** Whether the last read was taken from the other strand. */
  boolean isReverse() {
    return strand == reverse;
  }

  /** Genes that may have made the last read. */
  List<Integer> candidates() {
    return candidates;
  }

  /** Whether the last read may cover a base of a candidate's exons, by its k-mers' places. */
  boolean mayReachExon(int geneIndex) {
    Gene gene = genes.get(geneIndex);
    for (int h = 0; h < hits.count(geneIndex); h++) {
      int from = gene.column(hits.place(geneIndex, h)) - hits.offset(geneIndex, h) - GAPS_BP;
      if (gene.hasExon(from, from + strand.length() + 2 * GAPS_BP)) {
        return true;
      }
    }
    return false;
  }

  /** The column of the last read's first k-mer in a candidate. */
  int firstColumn(int geneIndex) {
    return genes.get(geneIndex).column(hits.place(geneIndex, 0));
  }

  /** Lays the last read on all its candidates. */
  void place() {
    for (int gene : candidates) {
      alignments[gene] = aligner.align(strand, genes.get(gene), gene, hits, k);
      unlaid[gene] = strand.length() - alignments[gene].bases();
    }
  }

  /** Takes away what of the last read lies outside of some columns. */
  void clip(int geneIndex, int from, int to) {
    alignments[geneIndex] = alignments[geneIndex].within(from, to);
  }

  /** The last read on a gene's columns, or null where it is not that gene's. */
  Alignment alignment(int gene) {
    return alignments[gene];
  }

  /**
   * Bases of the last read of which a gene states nothing. A read that a gene does not know is not
   * that gene's, but where the release states no introns: there it may lie in one.
   */
  int unstated(int gene) {
    if (alignments[gene] == null) {
      return genes.get(gene).isMessageOnly() ? length : 0;
    }
    return unlaid[gene];
  }

  /** What the last read costs the gene's best rows, in thousandths of a natural logarithm. */
  int cost(int geneIndex) {
    Alignment alignment = alignments[geneIndex];
    Gene gene = genes.get(geneIndex);
    if (alignment == null) {
      return (gene.isMessageOnly() ? 1 : 2) * unstated * length;
    }
    int cost = unstated * unlaid[geneIndex];
    for (LaidRead.Inserted inserted : alignment.inserted()) {
      cost += GapFinder.cost(inserted.bases().length);
    }
    for (int i = 0; i < alignment.size(); ) {
      int feature = gene.featureAt(alignment.column(i));
      cost += bestRow(geneIndex, feature, alignment);
      i = alignment.firstFrom(gene.firstColumn(feature) + gene.features().get(feature).columns());
    }
    return cost;
  }

  private int bestRow(int geneIndex, int feature, Alignment alignment) {
    Gene gene = genes.get(geneIndex);
    FeatureTable table = gene.features().get(feature);
    int first = gene.firstColumn(feature);
    int ofOpen = 10 * unstated;
    int floor = table.floor(alignment, first, ofOpen);
    if (recent.isAnyAtFloor(geneIndex, feature, table, alignment, first, ofOpen)) {
      return floor;
    }
    rowCosts = rowCosts.length < table.rows() ? new int[table.rows() * 2] : rowCosts;
    table.score(alignment, first, ofOpen, rowCosts);
    int best = 0;
    for (int r = 1; r < table.rows(); r++) {
      best = rowCosts[r] < rowCosts[best] ? r : best;
    }
    if (rowCosts[best] == floor) {
      recent.add(geneIndex, feature, best);
    }
    return rowCosts[best];
  }

  /** The part of the last read's cost that its own qualities promise, in thousandths. */
  double promised() {
    double sum = 0;
    for (int i = 0; i < strand.length(); i++) {
      int quality = strand.quality(i);
      sum += qualities.errorRate(quality) * qualities.losses()[quality];
    }
    return candidates.isEmpty() ? 0 : sum;
  }
}
