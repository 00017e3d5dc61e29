package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.calls.LocusCall.Candidate;
import org.gems.typer.calls.LocusCall.Coverage;
import org.gems.typer.calls.LocusCall.State;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusModel;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Puts a gene's result into the words of a call. */
public final class CallBuilder {
  private final FlagRules rules;
  private final GenotypeLister lister;
  private final Ruleset ruleset;
  private final SequencePlaces places;
  private final Drawer drawer;

  /** A builder that flags by some rules and lists genotypes by a ruleset's margins. */
  CallBuilder(FlagRules rules, Ruleset ruleset, SequencePlaces places) {
    this.rules = rules;
    this.ruleset = ruleset;
    this.places = places;
    this.lister = new GenotypeLister(ruleset, places);
    this.drawer = new Drawer(ruleset, places);
  }

  /** The call of one gene by the amplicons that it rests on. */
  LocusCall build(
      String locus, LocusResult result, List<Attribution> amplicons, List<Variant> variants) {
    Genotype called = result.called();
    List<AlleleCall> alleles = alleles(result, amplicons);
    List<Flag> flags = rules.flags(result, amplicons, alleles, variants);
    return new LocusCall(
        locus,
        state(called, flags),
        flags,
        alleles,
        candidates(result),
        coverage(called, amplicons),
        lister.list(result),
        drawer.draw(called, amplicons));
  }

  private static State state(Genotype called, List<Flag> flags) {
    if (!called.isHomozygous()) {
      return State.HETEROZYGOUS;
    }
    return flags.stream().anyMatch(flag -> flag.code().equals(DropoutRules.CODE))
        ? State.DROPOUT_SUSPECTED
        : State.HOMOZYGOUS;
  }

  private static List<AlleleCall> alleles(LocusResult result, List<Attribution> amplicons) {
    Genotype called = result.called();
    List<AlleleCall> alleles = new ArrayList<>();
    for (int side = 0; side < called.classes().size(); side++) {
      AlleleClass allele = called.classes().get(side);
      LocusModel model = result.model();
      AlleleEntry entry = model.entry(allele.representative());
      int s = side;
      alleles.add(
          new AlleleCall(
              entry.name().text(),
              result.search().ambiguities(called, allele).stream()
                  .map(a -> model.entry(a).name().text())
                  .toList(),
              entry.gGroup(),
              entry.pGroup(),
              entry.ciwd(),
              allele.complete() ? "complete" : "partial",
              amplicons.stream().mapToDouble(a -> a.pairs(s)).sum(),
              share(called, amplicons, side)));
    }
    return alleles;
  }

  /** Share among the pairs of the amplicons in which the alleles differ. */
  static double share(Genotype called, List<Attribution> amplicons, int side) {
    if (called.isHomozygous()) {
      return 1;
    }
    double[] pairs = new double[2];
    for (Attribution amplicon : amplicons) {
      if (amplicon.isDeciding()) {
        pairs[0] += amplicon.pairs(0);
        pairs[1] += amplicon.pairs(1);
      }
    }
    double all = pairs[0] + pairs[1];
    return all > 0 ? pairs[side] / all : 0.5;
  }

  private List<Candidate> candidates(LocusResult result) {
    int limit = ruleset.count(Threshold.CANDIDATES_REPORTED);
    return IntStream.range(0, Math.min(limit, result.ranked().size()))
        .mapToObj(i -> candidate(result, i))
        .toList();
  }

  private static Candidate candidate(LocusResult result, int index) {
    Genotype genotype = result.ranked().get(index);
    LocusModel model = result.model();
    return new Candidate(
        index + 1,
        genotype.classes().stream()
            .map(c -> model.entry(c.representative()).name().text())
            .toList(),
        genotype.logLikelihood(),
        Attribution.outliers(result, genotype),
        genotype.classes().stream().mapToInt(c -> model.unknownBp(c.representative())).sum());
  }

  private List<Coverage> coverage(Genotype called, List<Attribution> amplicons) {
    List<Coverage> rows = new ArrayList<>();
    for (Attribution amplicon : amplicons) {
      for (int side = 0; side < called.classes().size(); side++) {
        rows.add(amplicon.coverage(side, amplicon.placed(side, places).track()));
      }
    }
    return rows;
  }
}
