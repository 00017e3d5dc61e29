package org.gems.typer.shotgun;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.gems.typer.calls.Flag;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.calls.JoinedGenes;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.calls.LocusCall.State;
import org.gems.typer.calls.NoCalls;
import org.gems.typer.calls.Variant;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Calls every locus of a sample from scattered reads. */
public final class ShotgunCaller {
  private static final List<String> DRB345 = HlaClass.genesOf("DRB345");

  private final ShotgunLibrary library;
  private final Ruleset ruleset;
  private final ShotgunEvidence evidence;
  private final GeneCaller caller;
  private final JoinedGenes joined;
  private final Queue<Variant> variants = new ConcurrentLinkedQueue<>();

  /** A caller of a sample's evidence. */
  public ShotgunCaller(ShotgunLibrary library, Ruleset ruleset, ShotgunEvidence evidence) {
    this.library = library;
    this.ruleset = ruleset;
    this.evidence = evidence;
    this.caller = new GeneCaller(ruleset, variants);
    this.joined = new JoinedGenes(ruleset);
  }

  /** Calls a locus, {@code DRB345} standing for three genes. */
  public LocusCall call(String locus) {
    List<String> genes = HlaClass.genesOf(locus);
    if (genes.stream().noneMatch(gene -> library.indexOf(gene).isPresent())) {
      return NoCalls.notInLibrary(locus);
    }
    if (locus.equals("DRB345")) {
      return callDrb345();
    }
    int least = ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS);
    return pairs(locus) < least ? noCall(locus, pairs(locus)) : callGene(locus, locus, false);
  }

  /** Sequences that no allele of the release has, of the loci called so far. */
  public List<Variant> variants() {
    return variants.stream()
        .sorted(
            Comparator.comparing(Variant::locus)
                .thenComparing(Variant::amplicon)
                .thenComparing(Variant::nearest))
        .toList();
  }

  private LocusCall callGene(String locus, String name, boolean singleOnly) {
    int gene = library.indexOf(name).orElseThrow();
    return caller.call(locus, library.genes().get(gene), evidence.fragments(gene), singleOnly);
  }

  private int pairs(String gene) {
    return library.indexOf(gene).map(g -> evidence.fragments(g).size()).orElse(0);
  }

  private LocusCall noCall(String locus, int pairs) {
    int least = ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS);
    return NoCalls.tooFewPairs(locus, pairs, least);
  }

  /** Which of the three genes are there is told by their deepest exon beside DRB1's. */
  private LocusCall callDrb345() {
    List<String> present =
        DRB345.stream()
            .filter(this::isPresent)
            .sorted(Comparator.comparingDouble((String gene) -> -deepest(gene)))
            .limit(2)
            .sorted()
            .toList();
    if (present.isEmpty()) {
      return noneOfDrb345();
    }
    List<LocusCall> calls =
        present.stream().map(gene -> callGene("DRB345", gene, present.size() > 1)).toList();
    return calls.size() == 1 ? calls.get(0) : joined.join(calls.get(0), calls.get(1));
  }

  private boolean isPresent(String gene) {
    double share = ruleset.get(Threshold.DRB345_MINIMUM_SHARE);
    return deepest(gene) >= ruleset.get(Threshold.SHOTGUN_COVERED_DEPTH)
        && deepest(gene) >= share * deepest("DRB1");
  }

  /**
   * Mean depth of a gene's deepest exon, short ones left out: related genes may have the same.
   * Those that few reads touch were not looked at.
   */
  private double deepest(String name) {
    Optional<Integer> found = library.indexOf(name);
    if (found.isEmpty()) {
      return 0;
    }
    Gene gene = library.genes().get(found.get());
    List<Fragment> fragments = evidence.fragments(found.get());
    double[] whole = new double[fragments.size()];
    java.util.Arrays.fill(whole, 1);
    ExonDepth depth = new ExonDepth(gene, fragments, whole);
    int telling = ruleset.count(Threshold.SHOTGUN_TELLING_EXON_BP);
    double deepest = 0;
    for (int f = 0; f < gene.features().size(); f++) {
      FeatureTable feature = gene.features().get(f);
      if (feature.isExon() && feature.columns() >= telling) {
        deepest = Math.max(deepest, depth.mean(f, feature.reference()));
      }
    }
    return deepest;
  }

  private LocusCall noneOfDrb345() {
    int pairs = DRB345.stream().mapToInt(this::pairs).sum();
    double drb1 = deepest("DRB1");
    double enough =
        ruleset.get(Threshold.SHOTGUN_COVERED_DEPTH) / ruleset.get(Threshold.DRB345_MINIMUM_SHARE);
    if (drb1 < enough) {
      return noCall("DRB345", pairs);
    }
    Flag flag =
        new Flag(
            "no_drb345",
            "DRB1 has a depth of %.1f, DRB3, DRB4 and DRB5 together %d pairs"
                .formatted(drb1, pairs),
            Flag.evidenceOf("drb1_depth", drb1, "pairs", pairs));
    return LocusCall.without("DRB345", State.ABSENT, flag);
  }
}
