package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.gems.typer.calls.LocusCall.State;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.genotype.LocusTyper;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Calls the loci of one sample, as many at once as threads are idle. */
public final class SampleCaller {
  private static final List<String> DRB345 = HlaClass.genesOf("DRB345");

  private final Catalog catalog;
  private final Ruleset ruleset;
  private final LocusTyper typer;
  private final CallBuilder builder;
  private final NewAlleleFinder finder;
  private final List<Variant> strangers;
  private final StrangerFlags strangerFlags;
  private final JoinedGenes joined;

  /** A caller of a sample's evidence. */
  public SampleCaller(Catalog catalog, Ruleset ruleset, SampleEvidence evidence) {
    SequencePlaces places = new SequencePlaces(catalog);
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.typer = new LocusTyper(catalog, ruleset, evidence);
    this.builder = new CallBuilder(new FlagRules(catalog, ruleset, places), ruleset, places);
    this.finder = new NewAlleleFinder(ruleset, places);
    this.joined = new JoinedGenes(ruleset);
    this.strangers = new StrangerFinder(catalog, ruleset).find(evidence);
    this.strangerFlags = new StrangerFlags(catalog, ruleset, places, evidence, strangers);
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
    List<Variant> variants = new ArrayList<>(strangers);
    for (Called locus : called) {
      for (CalledGene gene : locus.genes()) {
        genes.put(gene.gene(), gene);
        variants.addAll(gene.variants());
      }
    }
    return new SampleCalls(called.stream().map(Called::call).toList(), genes, variants);
  }

  private Called call(String locus) {
    List<String> genes = HlaClass.genesOf(locus);
    if (genes.stream().noneMatch(catalog::isInLibrary)) {
      return Called.without(NoCalls.notInLibrary(locus));
    }
    if (genes.stream().noneMatch(catalog::isInPanel)) {
      return Called.without(NoCalls.notInPanel(locus));
    }
    return locus.equals("DRB345") ? callDrb345() : callGene(locus);
  }

  /** A gene's pairs over all its amplicons. */
  public int pairs(String gene) {
    return typer.pairs(gene);
  }

  private Called callGene(String locus) {
    return typed(locus, false)
        .map(gene -> new Called(built(locus, gene), List.of(gene)))
        .orElseGet(() -> Called.without(noCall(locus, typer.pairs(locus))));
  }

  private Optional<CalledGene> typed(String gene, boolean singleOnly) {
    return typer
        .type(gene, singleOnly)
        .map(
            result -> {
              List<Attribution> amplicons = Attribution.of(result, result.called());
              List<Variant> variants = finder.find(result.called(), amplicons);
              return new CalledGene(result, amplicons, variants);
            });
  }

  private LocusCall built(String locus, CalledGene gene) {
    return builder
        .build(locus, gene.result(), gene.amplicons(), gene.variants())
        .with(strangerFlags.of(gene.result(), gene.amplicons()));
  }

  private LocusCall noCall(String locus, int pairs) {
    int least = ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS);
    return NoCalls.tooFewPairs(locus, pairs, least);
  }

  /** Which of the three genes are there is told by their pairs beside those of DRB1. */
  private Called callDrb345() {
    List<String> present =
        DRB345.stream()
            .filter(this::isPresent)
            .sorted(Comparator.comparingInt((String gene) -> -typer.pairs(gene)))
            .toList();
    List<String> kept = present.stream().limit(2).sorted().toList();
    List<CalledGene> genes =
        kept.stream().flatMap(gene -> typed(gene, kept.size() > 1).stream()).toList();
    LocusCall call = joinedDrb345(present, genes).with(notTyped(kept, genes));
    LocusCall whole = present.size() > 2 ? withThirdGene(call, present) : call;
    return new Called(whole.with(weakGenes()), genes);
  }

  /** Genes that are there by their pairs, none of whose amplicons has enough of them. */
  private List<Flag> notTyped(List<String> kept, List<CalledGene> genes) {
    List<String> typed = genes.stream().map(CalledGene::gene).toList();
    return kept.stream()
        .filter(gene -> !typed.contains(gene))
        .map(gene -> NoCalls.geneNotTyped(gene, typer.pairs(gene)))
        .toList();
  }

  private LocusCall joinedDrb345(List<String> present, List<CalledGene> genes) {
    if (present.isEmpty()) {
      return noneOfDrb345();
    }
    if (genes.isEmpty()) {
      return noCall("DRB345", present.stream().mapToInt(typer::pairs).sum());
    }
    List<LocusCall> calls = genes.stream().map(gene -> built("DRB345", gene)).toList();
    return calls.size() == 1 ? calls.get(0) : joined.join(calls.get(0), calls.get(1));
  }

  private boolean isPresent(String gene) {
    int pairs = typer.pairs(gene);
    double share = ruleset.get(Threshold.DRB345_MINIMUM_SHARE);
    return pairs >= ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS)
        && pairs >= share * typer.pairs("DRB1");
  }

  /** Genes with more pairs than others' reads bring, and fewer than a copy gives. */
  private List<Flag> weakGenes() {
    int drb1 = typer.pairs("DRB1");
    double least = ruleset.get(Threshold.WEAK_GENE_MINIMUM_SHARE);
    return DRB345.stream()
        .filter(gene -> !isPresent(gene))
        .filter(gene -> typer.pairs(gene) >= ruleset.count(Threshold.AMPLICON_MINIMUM_PAIRS))
        .filter(gene -> typer.pairs(gene) >= least * drb1)
        .map(gene -> weakGene(gene, typer.pairs(gene), drb1))
        .toList();
  }

  private static Flag weakGene(String gene, int pairs, int drb1) {
    return new Flag(
        "weak_gene",
        "%s has %d pairs beside %d of DRB1: too few to be called there, many to be absent"
            .formatted(gene, pairs, drb1),
        Flag.evidenceOf("gene", gene, "pairs", pairs, "drb1_pairs", drb1));
  }

  private LocusCall noneOfDrb345() {
    int pairs = DRB345.stream().mapToInt(typer::pairs).sum();
    int drb1 = typer.pairs("DRB1");
    double enough =
        ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS) / ruleset.get(Threshold.DRB345_MINIMUM_SHARE);
    if (drb1 < enough) {
      return noCall("DRB345", pairs);
    }
    Flag flag =
        new Flag(
            "no_drb345",
            "DRB1 has %d pairs, DRB3, DRB4 and DRB5 together %d".formatted(drb1, pairs),
            Flag.evidenceOf("drb1_pairs", drb1, "pairs", pairs));
    return LocusCall.without("DRB345", State.ABSENT, flag);
  }

  private static LocusCall withThirdGene(LocusCall call, List<String> present) {
    Flag flag =
        new Flag(
            "more_than_two_genes",
            "Pairs of DRB3, DRB4 and DRB5 are all there, which two chromosomes cannot carry",
            Flag.evidenceOf("genes", String.join(", ", present)));
    return call.with(List.of(flag));
  }
}
