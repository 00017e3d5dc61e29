package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.gems.typer.calls.GenotypeList;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.calls.LocusCall.Candidate;
import org.gems.typer.calls.LocusCall.Coverage;
import org.gems.typer.calls.LocusCall.State;
import org.gems.typer.calls.Variant;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Types one gene and puts what was found into the words of a call. */
final class GeneCaller {
  private final Ruleset ruleset;
  private final ShotgunFlags rules;
  private final PossibleGenotypes lister;
  private final NewBases newBases;
  private final Collection<Variant> variants;

  /**
   * A caller with a ruleset's thresholds.
   *
   * @param variants where new sequences are put, from several threads perhaps
   */
  GeneCaller(Ruleset ruleset, Collection<Variant> variants) {
    this.variants = variants;
    this.newBases = new NewBases(ruleset);
    this.ruleset = ruleset;
    this.rules = new ShotgunFlags(ruleset);
    this.lister = new PossibleGenotypes(ruleset);
  }

  /** The call of a gene with fragments. */
  LocusCall call(String locus, Gene gene, List<Fragment> fragments, boolean singleOnly) {
    ExonModel model = new ExonModel(gene, fragments, ruleset);
    PairSearch search = new PairSearch(model, ruleset);
    int limit = ruleset.count(Threshold.GENOTYPES_KEPT);
    double[] whole = new double[fragments.size()];
    Arrays.fill(whole, 1);
    ExonDepth depth = new ExonDepth(gene, fragments, whole);
    GeneResult result = new GeneResult(model, search, search.rank(limit, singleOnly), depth);
    return built(locus, result);
  }

  private LocusCall built(String locus, GeneResult result) {
    if (rules.isDefined(result)) {
      List<AlleleCall> alleles = alleles(result);
      List<Variant> found = newBases.find(result);
      variants.addAll(found);
      State state = result.called().isHomozygous() ? State.HOMOZYGOUS : State.HETEROZYGOUS;
      return new LocusCall(
          locus,
          state,
          rules.flags(result, alleles, found),
          alleles,
          candidates(result),
          coverage(result),
          lister.list(result));
    }
    return new LocusCall(
        locus,
        State.NO_CALL,
        rules.undefined(result),
        List.of(),
        candidates(result),
        coverage(result),
        GenotypeList.NONE);
  }

  private List<AlleleCall> alleles(GeneResult result) {
    List<AlleleCall> alleles = new ArrayList<>();
    GroupPair called = result.called();
    for (int side : called.sides()) {
      int allele = result.group(side).representative();
      AlleleEntry entry = result.model().gene().table().alleles().get(allele);
      double share = called.one() == side ? called.share() : 1 - called.share();
      alleles.add(
          new AlleleCall(
              entry.name().text(),
              ambiguities(result, side),
              entry.gGroup(),
              entry.pGroup(),
              entry.ciwd(),
              result.group(side).complete() ? "complete" : "partial",
              Arrays.stream(result.weights(called, side)).sum(),
              called.isHomozygous() ? 1 : share));
    }
    return alleles;
  }

  /** The called name, then all whose stated exons the reads cannot tell from it. */
  private List<String> ambiguities(GeneResult result, int side) {
    ExonModel model = result.model();
    double margin = ruleset.get(Threshold.AMBIGUITY_MARGIN_LN);
    int allele = result.group(side).representative();
    TreeSet<Integer> others = new TreeSet<>(model.preference());
    for (int g = 0; g < model.groups().size(); g++) {
      boolean asGood = g == side || result.search().isAsGood(result.called(), side, g, margin);
      for (int member : result.group(g).members()) {
        boolean open = !model.gene().isComplete(member);
        if (asGood || (open && result.agreesWhereRead(member, allele))) {
          others.add(member);
        }
      }
    }
    others.remove(allele);
    List<String> names = new ArrayList<>(List.of(result.name(allele)));
    others.forEach(other -> names.add(result.name(other)));
    return names;
  }

  private List<Candidate> candidates(GeneResult result) {
    int limit = ruleset.count(Threshold.CANDIDATES_REPORTED);
    return IntStream.range(0, Math.min(limit, result.ranked().size()))
        .mapToObj(i -> candidate(result, i))
        .toList();
  }

  private static Candidate candidate(GeneResult result, int index) {
    GroupPair genotype = result.ranked().get(index);
    int[] alleles =
        IntStream.of(genotype.sides()).map(side -> result.group(side).representative()).toArray();
    return new Candidate(
        index + 1,
        IntStream.of(alleles).mapToObj(result::name).toList(),
        genotype.logLikelihood(),
        result.outliers(genotype),
        IntStream.of(alleles).map(result::unknownBp).sum());
  }

  private static List<Coverage> coverage(GeneResult result) {
    List<Coverage> rows = new ArrayList<>();
    ExonModel model = result.model();
    for (int side : result.called().sides()) {
      double[] weights = result.weights(result.called(), side);
      ExonDepth depth = new ExonDepth(model.gene(), model.fragments(), weights);
      int allele = result.group(side).representative();
      for (int exon : model.exons()) {
        rows.add(row(result, exon, allele, depth, weights));
      }
    }
    return rows;
  }

  private static Coverage row(
      GeneResult result, int exon, int allele, ExonDepth depth, double[] weights) {
    byte[] row = result.row(exon, allele);
    int bases = 0;
    for (byte symbol : row) {
      bases += symbol == '.' ? 0 : 1;
    }
    int unknown = result.unknownBp(exon, allele);
    return new Coverage(
        result.model().gene().features().get(exon).name(),
        result.name(allele),
        pairsOver(result.model(), exon, weights),
        Math.max(0, bases - unknown),
        Math.min(unknown, bases),
        depth.mean(exon, row),
        depth.minimum(exon, row));
  }

  private static double pairsOver(ExonModel model, int exon, double[] weights) {
    int from = model.gene().start(exon);
    int to = model.gene().start(exon + 1);
    double sum = 0;
    for (int p = 0; p < weights.length; p++) {
      boolean over =
          model.fragments().get(p).reads().stream()
              .anyMatch(read -> read.firstFrom(from) < read.firstFrom(to));
      sum += over ? weights[p] : 0;
    }
    return sum;
  }
}
