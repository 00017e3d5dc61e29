package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gems.typer.calls.Attribution;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.calls.SampleReads;
import org.gems.typer.calls.StrayRule;
import org.gems.typer.calls.Variant;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.GeneEvidence;
import org.gems.typer.reads.LostPairs;
import org.gems.typer.reads.ReadCounts;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** A sample's reads from anywhere in the genes. */
public final class ScatteredReads implements SampleReads {
  private static final String REPAIR = "Are they of a gene or kit that the library does not know?";

  private final ShotgunLibrary library;
  private final Ruleset ruleset;
  private final PlacedPairs placed;
  private final Map<String, Double> amounts = new ConcurrentHashMap<>();

  /** The reads of a sample's placed pairs. */
  public ScatteredReads(ShotgunLibrary library, Ruleset ruleset, PlacedPairs placed) {
    this.library = library;
    this.ruleset = ruleset;
    this.placed = placed;
  }

  @Override
  public boolean isInLibrary(String gene) {
    return library.indexOf(gene).isPresent();
  }

  @Override
  public boolean isInPanel(String gene) {
    return true;
  }

  @Override
  public Optional<GeneEvidence> evidence(String gene) {
    return placed.evidence(gene).map(exons -> exons);
  }

  @Override
  public int pairs(String gene) {
    return placed.evidence(gene).map(GeneExons::pairs).orElse(0);
  }

  /**
   * Mean depth of a gene's second deepest exon, short ones left out: related genes have the same.
   */
  @Override
  public double amount(String gene) {
    return amounts.computeIfAbsent(
        gene, g -> placed.evidence(g).map(exons -> depths(exons)).map(d -> d.get(1)).orElse(0.0));
  }

  /** Mean depths of the exons that tell genes apart, the deepest first; at least two. */
  private List<Double> depths(GeneExons exons) {
    int telling = ruleset.count(Threshold.SHOTGUN_TELLING_EXON_BP);
    Gene gene = exons.gene();
    List<Double> depths = new ArrayList<>(List.of(0.0, 0.0));
    for (int exon : gene.exons()) {
      FeatureTable feature = gene.features().get(exon);
      if (feature.columns() >= telling) {
        depths.add(exons.meanDepth(exon, feature.reference()));
      }
    }
    depths.sort(Comparator.reverseOrder());
    return depths;
  }

  @Override
  public double leastAmount() {
    return ruleset.get(Threshold.SHOTGUN_COVERED_DEPTH);
  }

  /** The second deepest exon is what a gene's amount is told by. */
  @Override
  public boolean isSpread(String gene) {
    return true;
  }

  @Override
  public ReadCounts<?> counts() {
    return placed.counts();
  }

  @Override
  public List<Flag> unnameable(CalledGene called) {
    GeneExons exons = placed.evidence(called.gene()).orElseThrow();
    ExonCoverage coverage = new ExonCoverage(exons, called, ruleset);
    if (coverage.isDefined()) {
      return strangers(called);
    }
    String seen = coverage.seen();
    List<Flag> flags = new ArrayList<>();
    flags.add(
        Flag.of(
            FlagCode.DEFINING_EXON_WITHOUT_READS,
            "%s is there, but its reads lie only in %s; its alleles differ in others"
                .formatted(called.gene(), seen.isEmpty() ? "the ends of exons" : seen),
            "gene",
            called.gene(),
            "exons_with_reads",
            seen,
            "pairs",
            exons.pairs()));
    flags.addAll(coverage.uncovered(List.of()));
    return flags;
  }

  /**
   * Where the library lacks a gene's relatives, and their reads seem to be there, a call of it may
   * be theirs.
   */
  private List<Flag> strangers(CalledGene called) {
    String gene = called.gene();
    String lacking =
        ruleset.relatives().getOrDefault(gene, List.of()).stream()
            .filter(other -> !isInLibrary(other))
            .collect(Collectors.joining(", "));
    if (lacking.isEmpty()) {
      return List.of();
    }
    double most = ruleset.get(Threshold.SHOTGUN_STRANGERS_SHARE);
    double share = (double) strays(called) / Math.max(1, pairs(called));
    if (share < most && ofSample().isEmpty()) {
      return List.of();
    }
    return List.of(
        Flag.of(
            FlagCode.RELATIVES_NOT_IN_LIBRARY,
            "The reads of %s cannot be told from those of %s, which the library lacks: build one that has them (gems reference build -o DIR)"
                .formatted(gene, lacking),
            "gene",
            gene,
            "lacking",
            lacking,
            "pairs",
            pairs(gene),
            "share",
            share,
            "threshold",
            most));
  }

  private static int pairs(CalledGene called) {
    return called.targets().stream().mapToInt(t -> t.target().pairs()).sum();
  }

  private int strays(CalledGene called) {
    return called.targets().stream().mapToInt(this::strays).sum();
  }

  @Override
  public List<Flag> ofReads(CalledGene called) {
    GeneExons exons = placed.evidence(called.gene()).orElseThrow();
    List<Flag> flags = new ArrayList<>();
    shortReads(exons, flags);
    ExonCoverage coverage = new ExonCoverage(exons, called, ruleset);
    flags.addAll(coverage.uncovered(coverage.notCopied()));
    flags.addAll(coverage.lowDepth());
    stray(called).ifPresent(flags::add);
    return flags;
  }

  private void shortReads(GeneExons exons, List<Flag> flags) {
    int least = ruleset.count(Threshold.SHORT_READ_BP);
    double mean = exons.meanReadBp();
    if (mean < least) {
      flags.add(
          Flag.of(
              FlagCode.SHORT_READS,
              "The reads lie on %s with %.0f bases on average, less than %d: related genes may not be told apart"
                  .formatted(exons.gene().name(), mean, least),
              "mean_read_bp",
              mean,
              "threshold",
              least));
    }
  }

  /** Few pairs of each exon may together be many: of a gene that the library lacks. */
  private Optional<Flag> stray(CalledGene called) {
    StrayRule ofExon = StrayRule.ofOne(ruleset);
    if (called.targets().stream().anyMatch(t -> ofExon.flag(called.gene(), t).isPresent())) {
      return Optional.empty();
    }
    StrayRule rule =
        new StrayRule(
            ruleset.count(Threshold.SHOTGUN_STRAY_PAIRS),
            ruleset.get(Threshold.SHOTGUN_STRAY_SHARE));
    String gene = called.gene();
    return rule.flag(gene, "all exons", gene, strays(called), pairs(called));
  }

  /** Pairs that something else explains better, or that no allele of the gene explains. */
  private int strays(Attribution target) {
    ExonTarget exon = (ExonTarget) target.target();
    double most = ruleset.get(Threshold.SHOTGUN_STRAY_COST_LN);
    return (int)
        IntStream.range(0, exon.pairs())
            .filter(p -> target.isOutlier(p) || exon.unexplained(p) > most)
            .count();
  }

  @Override
  public List<Variant> strangers() {
    return List.of();
  }

  /** Of a genome's pairs most lie elsewhere; of those of HLA's exons most are to be of use. */
  @Override
  public Optional<Flag> ofSample() {
    ReadCounts<ShotgunFilter> counts = placed.counts();
    int lost = counts.lost(ShotgunFilter.NO_ALLELE_WITHIN_TOLERANCE);
    int ambiguous = counts.lost(ShotgunFilter.AMBIGUOUS_GENE);
    int used = counts.usedPairs() + counts.lost(ShotgunFilter.BEYOND_DEPTH_CAP);
    List<ReadCounts.Loss> losses =
        counts.losses().stream()
            .filter(
                loss ->
                    loss.filter().equals(ShotgunFilter.NO_ALLELE_WITHIN_TOLERANCE.word())
                        || loss.filter().equals(ShotgunFilter.AMBIGUOUS_GENE.word()))
            .toList();
    return LostPairs.flag(ruleset, lost + ambiguous + used, losses, REPAIR);
  }
}
