package org.gems.typer.check;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.Product;
import org.gems.typer.ruleset.Ruleset;

/**
 * Types every allele of a release from perfect reads, in two equal copies, by the very code that
 * types samples. It must come out as itself, or among names that the reads cannot tell from it;
 * these must have no base that differs. Alleles without a difference between the primers are typed
 * once.
 */
public final class ReleaseCheck {
  private final Catalog catalog;
  private final Ruleset ruleset;
  private final PerfectReads reads;

  /**
   * @param readBp bases of a read
   */
  public ReleaseCheck(Catalog catalog, Ruleset ruleset, int readBp) {
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.reads = new PerfectReads(readBp);
  }

  /** Genes that have an amplicon in the library, in the panel's order. */
  public List<String> genes() {
    return catalog.products().stream()
        .filter(p -> !p.isDecoy())
        .map(Product::locus)
        .distinct()
        .toList();
  }

  /**
   * Checks a gene.
   *
   * @param sample at most so many of its alleles, drawn by the seed; all where it is 0
   * @throws InterruptedException where the caller is interrupted
   */
  public LocusProof check(String gene, int sample, long seed, int threads)
      throws InterruptedException {
    long start = System.nanoTime();
    List<Product> products = catalog.products().stream().filter(p -> p.isOwnOf(gene)).toList();
    int alleles = products.get(0).table().alleles().size();
    List<Integer> stated =
        IntStream.range(0, alleles)
            .filter(a -> products.stream().anyMatch(p -> isStated(p, a)))
            .boxed()
            .toList();
    List<Integer> drawn = drawn(stated, sample, seed);
    Map<List<Integer>, List<Integer>> groups = groups(products, drawn);
    List<Finding> findings = typed(products, groups, threads);
    double seconds = (System.nanoTime() - start) / 1e9;
    int unstated = alleles - stated.size();
    return new LocusProof(gene, alleles, unstated, drawn.size(), groups.size(), findings, seconds);
  }

  private static boolean isStated(Product product, int allele) {
    boolean isEmpty = product.haplotypes().optionsOf(allele).length == 0;
    return isEmpty || product.haplotypes().knownBpOf(allele) > 0;
  }

  private static List<Integer> drawn(List<Integer> stated, int sample, long seed) {
    if (sample == 0 || sample >= stated.size()) {
      return stated;
    }
    List<Integer> shuffled = new ArrayList<>(stated);
    Collections.shuffle(shuffled, new Random(seed));
    return shuffled.subList(0, sample).stream().sorted().toList();
  }

  private static Map<List<Integer>, List<Integer>> groups(
      List<Product> products, List<Integer> alleles) {
    Map<List<Integer>, List<Integer>> groups = new LinkedHashMap<>();
    for (int allele : alleles) {
      List<Integer> sequences =
          products.stream().map(p -> first(p.haplotypes().optionsOf(allele))).toList();
      groups.computeIfAbsent(sequences, k -> new ArrayList<>()).add(allele);
    }
    return groups;
  }

  /** The first sequence that an allele may have, or none where next to nothing is left of it. */
  private static int first(int[] options) {
    return options.length == 0 ? GroupCheck.EMPTY : options[0];
  }

  private List<Finding> typed(
      List<Product> products, Map<List<Integer>, List<Integer>> groups, int threads)
      throws InterruptedException {
    GroupCheck check = new GroupCheck(catalog, ruleset, reads, products);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<List<Finding>>> outcomes = new ArrayList<>();
      groups.forEach(
          (sequences, alleles) -> {
            int[] ids = sequences.stream().mapToInt(Integer::intValue).toArray();
            outcomes.add(pool.submit(() -> check.check(ids, alleles)));
          });
      List<Finding> findings = new ArrayList<>();
      for (Future<List<Finding>> outcome : outcomes) {
        findings.addAll(outcome.get());
      }
      return findings;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }
}
