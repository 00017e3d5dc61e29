package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.gems.typer.calls.LocusCall.State;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.FullNames;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.genotype.LocusTyper;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Calls the loci of one sample, as many at once as threads are idle. */
public final class SampleCaller {
  private static final List<String> DRB345 = HlaClass.genesOf("DRB345");

  private final Ruleset ruleset;
  private final SampleReads reads;
  private final LocusTyper typer;
  private final FullNames fullNames;
  private final CallBuilder builder;
  private final NewAlleleFinder finder;
  private final IndelFinder indels;
  private final IntronFinder introns;
  private final Drawer drawer;
  private final JoinedGenes joined;

  /** A caller of a sample's reads. */
  public SampleCaller(Ruleset ruleset, SampleReads reads) {
    this.ruleset = ruleset;
    this.reads = reads;
    this.typer = new LocusTyper(ruleset);
    this.fullNames = new FullNames(ruleset);
    this.builder = new CallBuilder(ruleset);
    this.finder = new NewAlleleFinder(ruleset);
    this.indels = new IndelFinder(ruleset);
    this.introns = new IntronFinder(ruleset);
    this.drawer = new Drawer(ruleset);
    this.joined = new JoinedGenes(ruleset);
  }

  /** A locus's call and the genes that it rests on. */
  private record Called(LocusCall call, List<CalledGene> genes) {
    static Called without(LocusCall call) {
      return new Called(call, List.of());
    }
  }

  /** Calls loci, {@code DRB345} standing for three genes. */
  public SampleCalls call(List<String> loci) {
    List<Called> called = loci.parallelStream().map(this::call).toList();
    Map<String, CalledGene> genes = new TreeMap<>();
    List<Variant> variants = new ArrayList<>(reads.strangers());
    for (Called locus : called) {
      for (CalledGene gene : locus.genes()) {
        boolean isNamed = !locus.call().alleles().isEmpty();
        if (isNamed) {
          genes.put(gene.gene(), gene);
          variants.addAll(gene.variants());
        }
      }
    }
    return new SampleCalls(called.stream().map(Called::call).toList(), genes, variants);
  }

  private Called call(String locus) {
    List<String> genes = HlaClass.genesOf(locus);
    if (genes.stream().noneMatch(reads::isInLibrary)) {
      return Called.without(NoCalls.notInLibrary(locus));
    }
    if (genes.stream().noneMatch(reads::isInPanel)) {
      return Called.without(NoCalls.notInPanel(locus));
    }
    return locus.equals("DRB345") ? callDrb345() : callGene(locus);
  }

  private Called callGene(String locus) {
    return typed(locus, false)
        .map(gene -> new Called(builder.build(locus, reads, gene), List.of(gene)))
        .orElseGet(() -> Called.without(noCall(locus, reads.pairs(locus))));
  }

  private Optional<CalledGene> typed(String gene, boolean singleOnly) {
    return reads
        .evidence(gene)
        .flatMap(evidence -> typer.type(evidence, singleOnly))
        .map(ofExons -> fullNames.of(ofExons, singleOnly))
        .map(this::read);
  }

  private CalledGene read(LocusResult result) {
    List<Attribution> targets = Attribution.of(result, result.called());
    Drawer.Tally tally = drawer.tally(result.model().table(), result.called());
    List<RegionReads> regions = ReadLayer.read(result, targets, tally, ruleset);
    List<Variant> variants = new ArrayList<>(finder.find(result, regions));
    variants.addAll(introns.find(result));
    variants.addAll(indels.find(result, targets));
    Drawing drawing = drawer.draw(tally, regions);
    return new CalledGene(result, targets, regions, variants, drawing, drawer.contradicted(tally));
  }

  private LocusCall noCall(String locus, int pairs) {
    int least = ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS);
    return NoCalls.tooFewPairs(locus, pairs, least, reads.ofSample());
  }

  /** Which of the three genes are there is told by their reads beside those of DRB1. */
  private Called callDrb345() {
    List<String> present =
        DRB345.stream()
            .filter(this::isPresent)
            .sorted(Comparator.comparingDouble((String gene) -> -reads.amount(gene)))
            .toList();
    List<String> kept = present.stream().limit(2).sorted().toList();
    List<CalledGene> genes =
        kept.stream().flatMap(gene -> typed(gene, kept.size() > 1).stream()).toList();
    LocusCall call = joinedDrb345(present, genes).with(notTyped(kept, genes));
    LocusCall whole = present.size() > 2 ? withThirdGene(call, present) : call;
    return new Called(whole.with(weakGenes()), genes);
  }

  /** Genes that are there by their pairs, and of which nothing can be named. */
  private List<Flag> notTyped(List<String> kept, List<CalledGene> genes) {
    List<String> typed = genes.stream().map(CalledGene::gene).toList();
    return kept.stream()
        .filter(gene -> !typed.contains(gene))
        .map(gene -> NoCalls.geneNotTyped(gene, reads.pairs(gene)))
        .toList();
  }

  private LocusCall joinedDrb345(List<String> present, List<CalledGene> genes) {
    if (present.isEmpty()) {
      return noneOfDrb345();
    }
    if (genes.isEmpty()) {
      return noCall("DRB345", present.stream().mapToInt(reads::pairs).sum());
    }
    List<LocusCall> calls =
        genes.stream().map(gene -> builder.build("DRB345", reads, gene)).toList();
    return calls.size() == 1 ? calls.get(0) : joined.join(calls.get(0), calls.get(1));
  }

  private boolean isPresent(String gene) {
    double amount = reads.amount(gene);
    double share = ruleset.get(Threshold.DRB345_MINIMUM_SHARE);
    return amount >= reads.leastAmount()
        && amount >= share * reads.amount("DRB1")
        && reads.isSpread(gene);
  }

  /** Genes with more pairs than others' reads bring, and fewer than a copy gives. */
  private List<Flag> weakGenes() {
    double drb1 = reads.amount("DRB1");
    double least = ruleset.get(Threshold.WEAK_GENE_MINIMUM_SHARE);
    int pairs = ruleset.count(Threshold.AMPLICON_MINIMUM_PAIRS);
    return DRB345.stream()
        .filter(gene -> !isPresent(gene) && reads.pairs(gene) >= pairs)
        .filter(gene -> reads.amount(gene) >= least * drb1)
        .map(
            gene ->
                Flag.of(
                    FlagCode.WEAK_GENE,
                    "%s has %.0f beside %.0f of DRB1: too little to be called, too much to be absent"
                        .formatted(gene, reads.amount(gene), drb1),
                    "gene",
                    gene,
                    "amount",
                    reads.amount(gene),
                    "drb1_amount",
                    drb1))
        .toList();
  }

  private LocusCall noneOfDrb345() {
    int pairs = DRB345.stream().mapToInt(reads::pairs).sum();
    double drb1 = reads.amount("DRB1");
    if (drb1 < reads.leastAmount() / ruleset.get(Threshold.DRB345_MINIMUM_SHARE)) {
      return noCall("DRB345", pairs);
    }
    Flag flag =
        Flag.of(
            FlagCode.NO_DRB345,
            "DRB1 has enough reads (%.0f); DRB3, DRB4 and DRB5 together %d pairs"
                .formatted(drb1, pairs),
            "drb1_amount",
            drb1,
            "pairs",
            pairs);
    return LocusCall.without("DRB345", State.NO_DRB345, flag);
  }

  private static LocusCall withThirdGene(LocusCall call, List<String> present) {
    Flag flag =
        Flag.of(
            FlagCode.MORE_THAN_TWO_GENES,
            "Pairs of DRB3, DRB4 and DRB5 are all there, which two chromosomes cannot carry",
            "genes",
            String.join(", ", present));
    return call.with(List.of(flag));
  }
}
