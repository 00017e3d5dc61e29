package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;

/** A gene's alleles in classes, and what all targets together say of two of them. */
public final class LocusModel {
  /** Stands in the key of an allele that the release leaves open in a stretch. */
  private static final int OPEN = -1;

  private final GeneEvidence evidence;
  private final List<TargetModel> targets;
  private final List<SegmentModel> segments;
  private final List<AlleleClass> classes;
  private List<AlleleClass> shortlist = List.of();

  /** A model of a gene's targets; at least one. */
  LocusModel(GeneEvidence evidence, Ruleset ruleset) {
    Mixture mixture = new Mixture(ruleset);
    this.evidence = evidence;
    this.targets = evidence.targets().stream().map(t -> new TargetModel(t, mixture)).toList();
    this.segments = List.of();
    this.classes = group(IntStream.range(0, table().alleles().size()).mapToObj(Look::of).toList());
  }

  private LocusModel(LocusModel model, List<SegmentModel> segments, List<Look> looks) {
    this.evidence = model.evidence;
    this.targets = model.targets;
    this.segments = segments;
    this.classes = group(looks);
    shortlist(classes);
  }

  /** A model of some looks only, told apart by stretches too; any two are weighed. */
  LocusModel finer(Stretches stretches, List<Look> looks, Ruleset ruleset) {
    Mixture mixture = Mixture.withoutDropout(ruleset);
    List<SegmentModel> found =
        stretches.segments(looks).stream().map(s -> new SegmentModel(s, mixture)).toList();
    return new LocusModel(this, found, looks);
  }

  /** Alleles with equal options everywhere, of which at least one target weighs a sequence. */
  private List<AlleleClass> group(List<Look> looks) {
    Map<List<Integer>, List<Integer>> members = new LinkedHashMap<>();
    for (int look = 0; look < looks.size(); look++) {
      int allele = looks.get(look).allele();
      members.computeIfAbsent(key(allele, look), k -> new ArrayList<>()).add(allele);
    }
    List<AlleleClass> result = new ArrayList<>();
    members.forEach(
        (sets, alleles) -> {
          boolean isSeen =
              IntStream.range(0, targets.size())
                  .anyMatch(t -> targets.get(t).isWeighed(sets.get(t)));
          if (isSeen) {
            result.add(alleleClass(sets, alleles));
          }
        });
    return List.copyOf(result);
  }

  /** The option sets, of the stretches too; alleles stated in full are no class with open ones. */
  private List<Integer> key(int allele, int look) {
    List<Integer> sets = new ArrayList<>();
    targets.forEach(t -> sets.add(t.setOf(allele)));
    segments.forEach(s -> sets.add(s.whole().setOf(look)));
    if (segments.stream().anyMatch(s -> s.isOpen(look))) {
      sets.add(OPEN);
    }
    return sets;
  }

  private AlleleClass alleleClass(List<Integer> sets, List<Integer> alleles) {
    int[] ordered = alleles.stream().sorted(preference()).mapToInt(Integer::intValue).toArray();
    int known = targets.size() + segments.size();
    int[] setIds = sets.stream().limit(known).mapToInt(Integer::intValue).toArray();
    boolean isComplete = unknownBp(ordered[0]) == 0 && sets.size() == known;
    return new AlleleClass(setIds, ordered, isComplete, freedom(setIds));
  }

  /**
   * A choice always fits better than none. What an allele has in one target tells what it has in
   * the next, so it pays for its widest choice and not for all.
   */
  private double freedom(int[] setIds) {
    return IntStream.range(0, setIds.length)
        .mapToDouble(i -> target(i).freedom(setIds[i]))
        .max()
        .orElse(0);
  }

  /** A target or, behind all of these, a stretch. */
  public TargetModel target(int i) {
    return i < targets.size() ? targets.get(i) : segments.get(i - targets.size()).whole();
  }

  /** Of alleles that the reads cannot tell apart the one to be named first. */
  public Comparator<Integer> preference() {
    return Comparator.comparingInt(evidence.order()::rank);
  }

  /** All classes of which anything is weighed. */
  public List<AlleleClass> classes() {
    return classes;
  }

  /** The classes of which any two are weighed against each other. */
  List<AlleleClass> shortlist() {
    return shortlist;
  }

  /** Names the classes of which any two are to be weighed. */
  void shortlist(List<AlleleClass> chosen) {
    shortlist = List.copyOf(chosen);
    for (int t = 0; t < targets.size(); t++) {
      int target = t;
      targets.get(t).weighOnly(chosen.stream().mapToInt(c -> c.set(target)).toArray());
    }
  }

  /** The most that a class can score with whichever of the shortlist at its side, choice paid. */
  double promise(AlleleClass candidate) {
    if (!segments.isEmpty()) {
      // What a stretch says is a difference, whose top is not known.
      return Double.POSITIVE_INFINITY;
    }
    double sum = -candidate.freedom();
    for (int i = 0; i < targets.size(); i++) {
      sum += targets.get(i).bestScore(candidate.set(i));
    }
    return sum;
  }

  /** Log-likelihood of two classes, an open choice paying; of one class twice, as equal copies. */
  public double score(AlleleClass one, AlleleClass two) {
    return scoreOfReads(one, two) - one.freedom() - (one == two ? 0 : two.freedom());
  }

  /** The same by the best of what each may be, nothing paid: what the reads alone say. */
  public double scoreOfReads(AlleleClass one, AlleleClass two) {
    double sum = 0;
    for (int i = 0; i < targets.size(); i++) {
      TargetModel target = targets.get(i);
      sum += one == two ? target.homozygousScore(one.set(i)) : target.score(one.set(i), two.set(i));
    }
    for (int s = 0; s < segments.size(); s++) {
      int i = targets.size() + s;
      sum += segments.get(s).score(one.set(i), two.set(i), one == two);
    }
    return sum;
  }

  /** Bases that the release leaves open for an allele where the targets lie. */
  public int unknownBp(int allele) {
    return evidence.order().unknownBp(allele);
  }

  /** What the reads say of the gene. */
  public GeneEvidence evidence() {
    return evidence;
  }

  /** The gene's alleles. */
  public LocusTable table() {
    return evidence.table();
  }

  /** What the library says of an allele. */
  public AlleleEntry entry(int allele) {
    return table().alleles().get(allele);
  }

  /** The name of the allele that stands for a class. */
  public String name(AlleleClass allele) {
    return entry(allele.representative()).name().text();
  }

  /** Number of stretches by which alleles were told apart outside of exons; may be none. */
  public int stretches() {
    return segments.size();
  }

  /** Whether an allele is in any class. */
  boolean knows(int allele) {
    return classes.stream().anyMatch(c -> IntStream.of(c.members()).anyMatch(m -> m == allele));
  }

  /** Models of the targets, in their order. */
  public List<TargetModel> targets() {
    return targets;
  }
}
