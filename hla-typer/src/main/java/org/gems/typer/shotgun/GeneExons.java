package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gems.typer.genotype.AlleleOrder;
import org.gems.typer.genotype.GeneEvidence;
import org.gems.typer.genotype.Places;
import org.gems.typer.genotype.Region;
import org.gems.typer.genotype.Shown;
import org.gems.typer.genotype.Stretches;
import org.gems.typer.genotype.Target;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;

/** What scattered pairs say of one gene, exon by exon. */
public final class GeneExons implements GeneEvidence {
  private final Gene gene;
  private final int geneIndex;
  private final List<ExonTarget> targets = new ArrayList<>();
  private final List<Region> regions = new ArrayList<>();
  private final List<Fragment> ofIntrons;
  private final Ruleset ruleset;
  private final double[] depth;

  /**
   * Weighs a gene's pairs.
   *
   * @param geneIndex its number in the library
   * @param fragments that have a place on it
   * @param ofIntrons that lie on it, and reach no exon
   */
  GeneExons(
      Gene gene,
      int geneIndex,
      List<Fragment> fragments,
      List<Fragment> ofIntrons,
      Ruleset ruleset) {
    this.ofIntrons = ofIntrons;
    this.ruleset = ruleset;
    this.gene = gene;
    this.geneIndex = geneIndex;
    this.depth = new double[gene.table().columns()];
    Map<Integer, List<Fragment>> byExon = new TreeMap<>();
    Map<Integer, List<List<Alignment>>> readsByExon = new TreeMap<>();
    for (Fragment fragment : fragments) {
      for (Placement placement : fragment.placements()) {
        if (placement.gene() == geneIndex && placement.exon() >= 0) {
          int exon = placement.exon();
          byExon.computeIfAbsent(exon, e -> new ArrayList<>()).add(fragment);
          readsByExon.computeIfAbsent(exon, e -> new ArrayList<>()).add(placement.reads());
        }
      }
    }
    byExon.forEach(
        (exon, own) ->
            targets.add(new ExonTarget(gene, exon, own, readsByExon.get(exon), ruleset)));
    for (int exon : gene.exons()) {
      if (gene.features().get(exon).columns() > 0) {
        regions.add(new ExonRegion(exon));
      }
    }
  }

  /**
   * Sums up how many pairs lie over each column, less what is likely another gene's; to be called
   * once that is known.
   */
  void count() {
    Shown shown = new Shown();
    for (ExonTarget target : targets) {
      for (int p = 0; p < target.pairs(); p++) {
        target.show(p, null, shown);
        for (int i = 0; i < shown.size(); i++) {
          depth[shown.column(i)] += 1 - target.elsewhere()[p];
        }
      }
    }
    for (Fragment pair : ofIntrons) {
      LaidPairs.columns(pair.best().reads()).stream().forEach(column -> depth[column]++);
    }
  }

  @Override
  public LocusTable table() {
    return gene.table();
  }

  @Override
  public AlleleOrder order() {
    return gene.order();
  }

  @Override
  public List<Target> targets() {
    return List.copyOf(targets);
  }

  @Override
  public List<Region> regions() {
    return List.copyOf(regions);
  }

  @Override
  public int pairs() {
    double pairs = 0;
    for (ExonTarget target : targets) {
      for (float elsewhere : target.elsewhere()) {
        pairs += elsewhere < 0.5 ? 1 : 0;
      }
    }
    return (int) pairs;
  }

  @Override
  public boolean isRead(int allele, int column) {
    Stream<List<Alignment>> ofExons =
        targets.stream().flatMap(t -> IntStream.range(0, t.pairs()).mapToObj(t::reads));
    Stream<List<Alignment>> others = ofIntrons.stream().map(pair -> pair.best().reads());
    return Stream.concat(ofExons, others)
        .anyMatch(reads -> reads.stream().anyMatch(read -> read.spans(column)));
  }

  @Override
  public Optional<Stretches> stretches() {
    return Optional.of(new GeneSegments(gene, targets, ofIntrons, ruleset));
  }

  /** The exons' pairs. */
  List<ExonTarget> exonTargets() {
    return targets;
  }

  /** Depth over a column of a feature. */
  double depth(int feature, int column) {
    return depth[gene.firstColumn(feature) + column];
  }

  /** Mean depth over the columns of a feature in which a row has a base. */
  double meanDepth(int feature, byte[] row) {
    double sum = 0;
    int bases = 0;
    for (int c = 0; c < row.length; c++) {
      if (row[c] != '.') {
        sum += depth(feature, c);
        bases++;
      }
    }
    return bases == 0 ? 0 : sum / bases;
  }

  /** Least depth over the columns of an exon in which a row has a base. */
  double leastDepth(int exon, byte[] row) {
    return IntStream.range(0, row.length)
        .filter(c -> row[c] != '.')
        .mapToDouble(c -> depth[gene.firstColumn(exon) + c])
        .min()
        .orElse(0);
  }

  /** Bases that a read lays on the gene, on average. */
  double meanReadBp() {
    return targets.stream()
        .flatMap(t -> IntStream.range(0, t.pairs()).mapToObj(t::reads))
        .flatMap(List::stream)
        .mapToInt(Alignment::bases)
        .average()
        .orElse(0);
  }

  /** The gene's number in the library. */
  int geneIndex() {
    return geneIndex;
  }

  /** The gene as it is laid out. */
  Gene gene() {
    return gene;
  }

  /** An exon, over which the pairs of all exons are counted. */
  private final class ExonRegion implements Region {
    private final int exon;

    ExonRegion(int exon) {
      this.exon = exon;
    }

    @Override
    public String name() {
      return gene.features().get(exon).name();
    }

    @Override
    public List<Integer> targets() {
      return IntStream.range(0, targets.size()).boxed().toList();
    }

    @Override
    public Places places(int allele, int[] options) {
      FeatureTable table = gene.features().get(exon);
      int row = table.rowOf(allele);
      for (int t = 0; t < options.length; t++) {
        if (targets.get(t).exon() == exon && options[t] >= 0) {
          row = targets.get(t).rows(options[t]).getOrDefault(exon, row);
        }
      }
      return Places.ofFeature(gene.table(), allele, exon, table.row(row));
    }
  }
}
