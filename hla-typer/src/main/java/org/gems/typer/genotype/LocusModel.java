package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gems.typer.evidence.AlleleOrder;
import org.gems.typer.evidence.Product;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.LocusTable;

/** A gene's alleles in classes, and what all amplicons together say of two of them. */
public final class LocusModel {
  private final LocusTable table;
  private final AlleleOrder order;
  private final List<Product> products;
  private final List<AmpliconModel> amplicons;
  private final List<AlleleClass> classes;

  /**
   * @param order which allele to name first
   * @param products the gene's own products, with or without pairs; at least one
   * @param amplicons models of those that have enough pairs
   * @param maximumClasses the most promising classes are kept, at most so many
   */
  public LocusModel(
      AlleleOrder order,
      List<Product> products,
      List<AmpliconModel> amplicons,
      int maximumClasses) {
    this.table = products.get(0).table();
    this.order = order;
    this.products = List.copyOf(products);
    this.amplicons = List.copyOf(amplicons);
    this.classes = promising(group(), maximumClasses);
  }

  private List<AlleleClass> group() {
    Map<List<Integer>, List<Integer>> members = new LinkedHashMap<>();
    for (int a = 0; a < table.alleles().size(); a++) {
      int allele = a;
      List<Integer> sets = amplicons.stream().map(m -> m.setOf(allele)).toList();
      members.computeIfAbsent(sets, k -> new ArrayList<>()).add(a);
    }
    List<AlleleClass> result = new ArrayList<>();
    members.forEach((sets, alleles) -> result.add(alleleClass(sets, alleles)));
    return result;
  }

  private AlleleClass alleleClass(List<Integer> sets, List<Integer> alleles) {
    int[] ordered = alleles.stream().sorted(preference()).mapToInt(Integer::intValue).toArray();
    int[] setIds = sets.stream().mapToInt(Integer::intValue).toArray();
    return new AlleleClass(setIds, ordered, unknownBp(ordered[0]) == 0, freedom(setIds));
  }

  /**
   * A choice always fits better than none. What an allele has in one amplicon tells what it has in
   * the next, so it pays for its widest choice and not for all.
   */
  private double freedom(int[] setIds) {
    return IntStream.range(0, setIds.length)
        .mapToDouble(i -> amplicons.get(i).freedom(setIds[i]))
        .max()
        .orElse(0);
  }

  /** Of alleles that the reads cannot tell apart the one to be named first. */
  public Comparator<Integer> preference() {
    return Comparator.comparingInt(order::rank);
  }

  private List<AlleleClass> promising(List<AlleleClass> all, int maximum) {
    List<AlleleClass> seen = all.stream().filter(this::isSupported).toList();
    if (seen.size() <= maximum) {
      return seen;
    }
    return seen.stream()
        .sorted(Comparator.<AlleleClass>comparingDouble(this::promise).reversed())
        .limit(maximum)
        .toList();
  }

  private boolean isSupported(AlleleClass candidate) {
    return IntStream.range(0, amplicons.size())
        .anyMatch(i -> amplicons.get(i).isSupported(candidate.set(i)));
  }

  /** The most that a class can score with whichever sequences at its side, its choice paid. */
  public double promise(AlleleClass candidate) {
    double sum = -candidate.freedom();
    for (int i = 0; i < amplicons.size(); i++) {
      sum += amplicons.get(i).bestScore(candidate.set(i));
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
    for (int i = 0; i < amplicons.size(); i++) {
      AmpliconModel amplicon = amplicons.get(i);
      sum +=
          one == two
              ? amplicon.homozygousScore(one.set(i))
              : amplicon.score(one.set(i), two.set(i));
    }
    return sum;
  }

  /** Bases between primers that the release leaves open for an allele. */
  public int unknownBp(int allele) {
    return order.unknownBp(allele);
  }

  /** The gene's alleles. */
  public LocusTable table() {
    return table;
  }

  /** What the library says of an allele. */
  public AlleleEntry entry(int allele) {
    return table.alleles().get(allele);
  }

  /** Models of the amplicons that have enough pairs. */
  public List<AmpliconModel> amplicons() {
    return amplicons;
  }

  /** The gene's own products, with or without pairs. */
  public List<Product> products() {
    return products;
  }

  /** Classes in which at least one amplicon supports a sequence. */
  public List<AlleleClass> classes() {
    return classes;
  }
}
