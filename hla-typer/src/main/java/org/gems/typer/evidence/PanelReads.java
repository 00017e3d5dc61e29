package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.calls.RegionReads;
import org.gems.typer.calls.SampleReads;
import org.gems.typer.calls.Variant;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.GeneEvidence;
import org.gems.typer.reads.LostPairs;
import org.gems.typer.reads.ReadCounts;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** A sample's reads, placed by the primers of a panel. */
public final class PanelReads implements SampleReads {
  private static final String REPAIR =
      "Is the panel the kit's, and do the reads still have their primers?";

  private final Catalog catalog;
  private final Ruleset ruleset;
  private final SampleEvidence evidence;
  private final SequencePlaces places;
  private final List<Variant> strangers;
  private final StrangerFlags strangerFlags;
  private final Map<String, GeneAmplicons> genes = new ConcurrentHashMap<>();

  /** The reads of a sample's evidence. */
  public PanelReads(Catalog catalog, Ruleset ruleset, SampleEvidence evidence) {
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.evidence = evidence;
    this.places = new SequencePlaces(catalog);
    this.strangers = new StrangerFinder(catalog, ruleset).find(evidence);
    this.strangerFlags = new StrangerFlags(ruleset, strangers);
  }

  @Override
  public boolean isInLibrary(String gene) {
    return catalog.isInLibrary(gene);
  }

  @Override
  public boolean isInPanel(String gene) {
    return catalog.isInPanel(gene);
  }

  @Override
  public Optional<GeneEvidence> evidence(String gene) {
    boolean isPlaced = catalog.products().stream().anyMatch(p -> p.isOwnOf(gene));
    return isPlaced ? Optional.of(amplicons(gene)) : Optional.empty();
  }

  /** A gene's amplicons; the gene has a place for at least one. */
  private GeneAmplicons amplicons(String gene) {
    return genes.computeIfAbsent(
        gene, g -> new GeneAmplicons(catalog, ruleset, places, evidence, g));
  }

  @Override
  public int pairs(String gene) {
    return evidence.pairs(gene);
  }

  @Override
  public double amount(String gene) {
    return evidence.pairs(gene);
  }

  @Override
  public double leastAmount() {
    return ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS);
  }

  @Override
  public boolean isSpread(String gene) {
    int least = ruleset.count(Threshold.SUPPORT_MINIMUM_PAIRS);
    return evidence.amplicons(gene, least) >= Math.min(2, evidence.amplicons(gene, 0));
  }

  @Override
  public ReadCounts<?> counts() {
    return evidence;
  }

  @Override
  public List<Flag> unnameable(CalledGene gene) {
    return List.of();
  }

  @Override
  public List<Flag> ofReads(CalledGene gene) {
    List<Flag> flags = new ArrayList<>();
    GeneAmplicons amplicons = amplicons(gene.gene());
    named(FlagCode.AMPLICON_WITHOUT_READS, "Too few pairs to use: %s", amplicons.silent(), flags);
    named(
        FlagCode.AMPLICON_NOT_IN_LIBRARY,
        "The library states no sequence for: %s",
        amplicons.unplaced(),
        flags);
    gene.regions().forEach(region -> lowDepth(region, flags));
    shortReads(amplicons, flags);
    flags.addAll(UnreadBases.flags(gene));
    hidden(gene, amplicons.silent(), flags);
    flags.addAll(strangerFlags.of(gene.gene()));
    return flags;
  }

  private static void named(FlagCode code, String message, List<String> names, List<Flag> flags) {
    if (!names.isEmpty()) {
      String all = String.join(", ", names);
      flags.add(Flag.of(code, message.formatted(all), "amplicons", all));
    }
  }

  private void lowDepth(RegionReads region, List<Flag> flags) {
    int least = ruleset.count(Threshold.LOW_DEPTH_PAIRS);
    int pairs = ((Amplicon) region.region()).pairs();
    if (pairs < least) {
      flags.add(
          Flag.of(
              FlagCode.LOW_DEPTH,
              "%s has %d pairs, fewer than %d".formatted(region.name(), pairs, least),
              "amplicon",
              region.name(),
              "depth",
              pairs,
              "threshold",
              least,
              "lowest_depth",
              pairs,
              "lowest_threshold",
              least));
    }
  }

  private void shortReads(GeneAmplicons amplicons, List<Flag> flags) {
    int least = ruleset.count(Threshold.SHORT_READ_BP);
    long bases = 0;
    long reads = 0;
    for (Amplicon amplicon : amplicons.amplicons()) {
      PairStore store = amplicon.store();
      int primers =
          amplicon.product().row().forwardPrimer().length()
              + amplicon.product().row().reversePrimer().length();
      for (int p = 0; p < store.size(); p++) {
        bases += store.leftLength(p) + store.rightLength(p) + primers;
        reads += 2;
      }
    }
    double mean = (double) bases / Math.max(1, reads);
    if (mean < least) {
      flags.add(
          Flag.of(
              FlagCode.SHORT_READS,
              "The reads have %.0f bases on average, less than %d: the middle of an amplicon is not read"
                  .formatted(mean, least),
              "mean_read_bp",
              mean,
              "threshold",
              least));
    }
  }

  /** Beside a single allele another may hide in an amplicon that gave no reads. */
  private static void hidden(CalledGene gene, List<String> silent, List<Flag> flags) {
    if (gene.result().called().isHomozygous() && !silent.isEmpty()) {
      String names = String.join(", ", silent);
      String allele = gene.result().model().name(gene.result().called().one());
      flags.add(
          Flag.of(
              FlagCode.DROPOUT_SUSPECTED,
              "Another allele beside %s could differ in %s, which gave too few pairs"
                  .formatted(allele, names),
              "amplicon",
              names,
              "allele",
              allele));
    }
  }

  @Override
  public List<Variant> strangers() {
    return strangers;
  }

  @Override
  public Optional<Flag> ofSample() {
    List<ReadCounts.Loss> lost =
        evidence.losses().stream()
            .filter(loss -> !loss.filter().equals(Filter.BEYOND_DEPTH_CAP.word()))
            .filter(loss -> !loss.filter().equals(Filter.NOT_ASKED.word()))
            .toList();
    return LostPairs.flag(ruleset, evidence.pairs(), lost, REPAIR);
  }
}
