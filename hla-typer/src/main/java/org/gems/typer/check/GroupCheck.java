package org.gems.typer.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.calls.SampleCaller;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.EvidenceCollector;
import org.gems.typer.evidence.MadePair;
import org.gems.typer.evidence.PanelReads;
import org.gems.typer.evidence.Product;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Types the perfect reads of alleles that are one between a panel's primers. */
final class GroupCheck {
  /** The sequence of an allele that has next to nothing between the primers: they make dimers. */
  static final int EMPTY = -1;

  private static final int LEAST_PAIRS_PER_AMPLICON = 10;

  private final Catalog catalog;
  private final Ruleset ruleset;
  private final EvidenceCollector collector;
  private final PerfectReads reads;
  private final List<Product> products;
  private final LocusTable table;
  private final String locus;
  private final int pairsPerGene;
  private final Map<String, Integer> indexOf = new HashMap<>();

  /**
   * @param products the gene's own; at least one
   */
  GroupCheck(Catalog catalog, Ruleset ruleset, PerfectReads reads, List<Product> products) {
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.collector = new EvidenceCollector(catalog, ruleset);
    this.reads = reads;
    this.products = products;
    this.table = products.get(0).table();
    this.locus = table.locus().matches("DRB[345]") ? "DRB345" : table.locus();
    this.pairsPerGene = ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS);
    for (int a = 0; a < table.alleles().size(); a++) {
      indexOf.put(name(a), a);
    }
  }

  private String name(int allele) {
    return table.alleles().get(allele).name().text();
  }

  /**
   * Types the reads of one sequence in each product.
   *
   * @param sequences one a product
   * @param alleles all that have these sequences
   */
  List<Finding> check(int[] sequences, List<Integer> alleles) {
    SampleEvidence evidence = collector.collect(pairs(sequences));
    LocusCall call =
        new SampleCaller(ruleset, new PanelReads(catalog, ruleset, evidence))
            .call(List.of(locus))
            .loci()
            .get(0);
    return judge(call, lost(evidence), sequences, alleles);
  }

  /** Enough pairs for a call, though dimers are none. */
  private List<MadePair> pairs(int[] sequences) {
    int used = (int) Arrays.stream(sequences).filter(sequence -> sequence != EMPTY).count();
    int each = Math.max(LEAST_PAIRS_PER_AMPLICON, pairsPerGene / Math.max(1, used) + 1);
    List<MadePair> pairs = new ArrayList<>();
    for (int p = 0; p < sequences.length; p++) {
      Product product = products.get(p);
      MadePair pair = reads.pair(product, between(product, sequences[p]));
      pairs.addAll(Collections.nCopies(each, pair));
    }
    return pairs;
  }

  private static byte[] between(Product product, int sequence) {
    return sequence == EMPTY ? new byte[0] : product.haplotypes().sequence(sequence);
  }

  private static String lost(SampleEvidence evidence) {
    StringBuilder text = new StringBuilder();
    evidence.losses().stream()
        .filter(loss -> loss.pairs() > 0)
        .forEach(loss -> text.append(", %d pairs %s".formatted(loss.pairs(), loss.filter())));
    return text.toString();
  }

  private List<Finding> judge(LocusCall call, String lost, int[] sequences, List<Integer> alleles) {
    List<Finding> findings = new ArrayList<>();
    if (call.alleles().size() != 1) {
      String called = String.join(" + ", call.alleles().stream().map(AlleleCall::name).toList());
      String what = called.isEmpty() ? "no call" : "called " + called;
      alleles.forEach(a -> findings.add(new Finding(name(a), what + lost)));
      return findings;
    }
    AlleleCall called = call.alleles().get(0);
    for (int allele : alleles) {
      if (!called.ambiguities().contains(name(allele))) {
        String what = "called %s without it".formatted(called.name());
        findings.add(new Finding(name(allele), what + lost));
      }
    }
    for (String other : called.ambiguities()) {
      differs(indexOf.get(other), sequences)
          .forEach(
              product ->
                  findings.add(
                      new Finding(
                          name(alleles.get(0)),
                          "%s is listed, which differs in %s"
                              .formatted(other, product.row().amplicon()))));
    }
    return findings;
  }

  /** Products in which an allele's stated bases are not those of the reads. */
  private List<Product> differs(int allele, int[] sequences) {
    List<Product> differing = new ArrayList<>();
    for (int p = 0; p < sequences.length; p++) {
      boolean made = sequences[p] != EMPTY;
      if (made && !mayBe(products.get(p), allele, sequences[p])) {
        differing.add(products.get(p));
      }
    }
    return differing;
  }

  private boolean mayBe(Product product, int allele, int sequence) {
    HaplotypeSet set = product.haplotypes();
    byte[] read = set.sequence(sequence);
    for (int option : set.optionsOf(allele)) {
      if (option == sequence || reads.areOne(product.row(), set.sequence(option), read)) {
        return true;
      }
    }
    return false;
  }
}
