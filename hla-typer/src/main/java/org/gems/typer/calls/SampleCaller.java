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
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.genotype.LocusTyper;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Calls every locus of one sample. */
public final class SampleCaller {
  private static final List<String> DRB345 = HlaClass.genesOf("DRB345");

  private final Catalog catalog;
  private final Ruleset ruleset;
  private final LocusTyper typer;
  private final CallBuilder builder;
  private final NewAlleleFinder finder;
  private final StrangerFlags strangers;
  private final JoinedGenes joined;
  private final List<Variant> variants = new ArrayList<>();
  private final Map<String, LocusResult> results = new TreeMap<>();

  /** A caller of a sample's evidence. */
  public SampleCaller(Catalog catalog, Ruleset ruleset, SampleEvidence evidence) {
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.typer = new LocusTyper(catalog, ruleset, evidence);
    this.builder = new CallBuilder(new FlagRules(catalog, ruleset), ruleset);
    this.finder = new NewAlleleFinder(ruleset);
    this.joined = new JoinedGenes(ruleset);
    this.variants.addAll(new StrangerFinder(catalog, ruleset).find(evidence));
    this.strangers = new StrangerFlags(catalog, ruleset, evidence, variants);
  }

  /** Calls a locus, {@code DRB345} standing for three genes. */
  public LocusCall call(String locus) {
    List<String> genes = HlaClass.genesOf(locus);
    if (genes.stream().noneMatch(catalog::isInLibrary)) {
      return NoCalls.notInLibrary(locus);
    }
    if (genes.stream().noneMatch(catalog::isInPanel)) {
      return NoCalls.notInPanel(locus);
    }
    return locus.equals("DRB345") ? callDrb345().with(weakGenes()) : callGene(locus);
  }

  /** Sequences seen again and again that no allele explains; complete after all loci are called. */
  public List<Variant> variants() {
    return variants;
  }

  /** A gene's pairs over all its amplicons. */
  public int pairs(String gene) {
    return typer.pairs(gene);
  }

  /** What the genes' calls rest on, by gene; complete after all loci are called. */
  public Map<String, LocusResult> results() {
    return results;
  }

  private LocusCall callGene(String locus) {
    return typer
        .type(locus, false)
        .map(result -> built(locus, result))
        .orElseGet(() -> noCall(locus, typer.pairs(locus)));
  }

  private LocusCall built(String locus, LocusResult result) {
    results.put(result.model().table().locus(), result);
    List<Variant> found = finder.find(result);
    variants.addAll(found);
    return builder.build(locus, result, found).with(strangers.of(result));
  }

  private LocusCall noCall(String locus, int pairs) {
    int least = ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS);
    return NoCalls.tooFewPairs(locus, pairs, least);
  }

  /** Which of the three genes are there is told by their pairs beside those of DRB1. */
  private LocusCall callDrb345() {
    List<String> present =
        DRB345.stream()
            .filter(this::isPresent)
            .sorted(Comparator.comparingInt((String gene) -> -typer.pairs(gene)))
            .toList();
    if (present.isEmpty()) {
      return noneOfDrb345();
    }
    List<String> kept = present.stream().limit(2).sorted().toList();
    List<LocusCall> calls = new ArrayList<>();
    for (String gene : kept) {
      Optional<LocusResult> result = typer.type(gene, kept.size() > 1);
      result.ifPresent(r -> calls.add(built("DRB345", r)));
    }
    if (calls.isEmpty()) {
      return noCall("DRB345", present.stream().mapToInt(typer::pairs).sum());
    }
    LocusCall whole = calls.size() == 1 ? calls.get(0) : joined.join(calls.get(0), calls.get(1));
    return present.size() > 2 ? withThirdGene(whole, present) : whole;
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
