package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.calls.LocusCall.Candidate;
import org.gems.typer.calls.LocusCall.Coverage;
import org.gems.typer.calls.LocusCall.State;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusModel;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.genotype.Places;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Puts a gene's result into the words of a call. */
final class CallBuilder {
  private final FlagRules rules;
  private final GenotypeLister lister;
  private final CandidateCounter counter;
  private final Ruleset ruleset;

  /** A builder that flags and lists genotypes by a ruleset's margins. */
  CallBuilder(Ruleset ruleset) {
    this.ruleset = ruleset;
    this.counter = new CandidateCounter(ruleset);
    this.lister = new GenotypeLister(ruleset);
    this.rules = new FlagRules(ruleset);
  }

  /** The call of one gene. */
  LocusCall build(String locus, SampleReads reads, CalledGene gene) {
    PossibleGenotypes possible = new PossibleGenotypes(gene.result());
    List<Flag> unnameable = reads.unnameable(gene);
    if (!unnameable.isEmpty()) {
      return new LocusCall(
          locus,
          State.NO_CALL,
          unnameable,
          List.of(),
          candidates(gene.result()),
          counter.count(gene, possible),
          coverage(gene),
          GenotypeList.NONE,
          Drawing.NONE,
          Map.of());
    }
    List<AlleleCall> alleles = alleles(gene, possible);
    List<Flag> flags = rules.flags(reads, gene, alleles, possible);
    return new LocusCall(
        locus,
        state(locus, gene.result().called(), flags),
        flags,
        alleles,
        candidates(gene.result()),
        counter.count(gene, possible),
        coverage(gene),
        lister.list(gene, possible),
        gene.drawing(),
        Map.of());
  }

  /** How often a single allele of DRB3, DRB4 or DRB5 stands is told by DRB1, later. */
  private static State state(String locus, Genotype called, List<Flag> flags) {
    if (!called.isHomozygous()) {
      return State.HETEROZYGOUS;
    }
    State ofSingle = locus.equals("DRB345") ? State.COPIES_UNCERTAIN : State.HOMOZYGOUS;
    return flags.stream().anyMatch(flag -> flag.code() == FlagCode.DROPOUT_SUSPECTED)
        ? State.DROPOUT_SUSPECTED
        : ofSingle;
  }

  private static List<AlleleCall> alleles(CalledGene gene, PossibleGenotypes possible) {
    LocusResult result = gene.result();
    List<AlleleCall> alleles = new ArrayList<>();
    for (int side = 0; side < result.called().classes().size(); side++) {
      AlleleClass allele = result.called().classes().get(side);
      AlleleEntry entry = result.model().entry(allele.representative());
      int s = side;
      alleles.add(
          new AlleleCall(
              entry.name().text(),
              possible.ambiguities(side),
              entry.gGroup(),
              entry.pGroup(),
              entry.ciwd(),
              result.model().unknownBp(allele.representative()) == 0 ? "complete" : "partial",
              gene.targets().stream().mapToDouble(t -> t.pairs(s)).sum(),
              share(gene, side)));
    }
    return alleles;
  }

  /** Share among the pairs of the targets in which the alleles differ. */
  private static double share(CalledGene gene, int side) {
    if (gene.result().called().isHomozygous()) {
      return 1;
    }
    double[] pairs = new double[2];
    for (Attribution target : gene.targets()) {
      if (target.isDeciding()) {
        target.addDeciding(pairs);
      }
    }
    double all = pairs[0] + pairs[1];
    return all > 0 ? pairs[side] / all : 0.5;
  }

  private List<Candidate> candidates(LocusResult result) {
    int limit = ruleset.count(Threshold.CANDIDATES_REPORTED);
    List<Genotype> all = result.candidates();
    return IntStream.range(0, Math.min(limit, all.size()))
        .mapToObj(i -> candidate(result, all.get(i), i))
        .toList();
  }

  private static Candidate candidate(LocusResult result, Genotype genotype, int index) {
    LocusModel model = result.model();
    return new Candidate(
        index + 1,
        genotype.classes().stream().map(model::name).toList(),
        genotype.logLikelihood(),
        Attribution.of(result, genotype).stream().mapToInt(Attribution::outliers).sum(),
        genotype.classes().stream().mapToInt(c -> model.unknownBp(c.representative())).sum());
  }

  private static List<Coverage> coverage(CalledGene gene) {
    List<Coverage> rows = new ArrayList<>();
    for (RegionReads region : gene.regions()) {
      for (int side = 0; side < region.sides().size(); side++) {
        Places places = region.sides().get(side);
        int unknown = region.unknownBp(side);
        rows.add(
            new Coverage(
                region.name(),
                gene.result().model().entry(places.allele()).name().text(),
                region.pairs()[side],
                places.size() - unknown,
                unknown,
                region.meanDepth(side),
                region.leastDepth(side),
                Track.of(gene.result().model().table(), places, region.depth()[side])));
      }
    }
    return rows;
  }
}
