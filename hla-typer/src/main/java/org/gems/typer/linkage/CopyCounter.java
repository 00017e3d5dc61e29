package org.gems.typer.linkage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * How many copies of DRB3, DRB4 and DRB5 there are. Two alleles are two copies, and two genes one
 * each. A gene's single allele stands once or twice: as often as DRB1's alleles ask for, where its
 * depth beside DRB1's two copies agrees.
 */
final class CopyCounter {
  private static final List<String> GENES = HlaClass.genesOf("DRB345");

  private final double tolerance;

  CopyCounter(Ruleset ruleset) {
    tolerance = ruleset.get(Threshold.COPY_NUMBER_TOLERANCE);
  }

  /**
   * The call with the copies that are sure, and a flag for a gene of which they are not.
   *
   * @param expected the genes beside DRB1's two alleles
   * @param found the gene of each called allele
   */
  LocusCall counted(
      LocusCall call, List<String> expected, List<String> found, ToDoubleFunction<String> amount) {
    Map<String, Integer> copies = new TreeMap<>();
    List<Flag> flags = new ArrayList<>();
    for (String gene : GENES) {
      int alleles = LinkageRules.count(found, gene);
      if (isThereUntyped(call, gene)) {
        continue;
      }
      if (alleles != 1 || found.size() > 1) {
        copies.put(gene, alleles);
      } else {
        single(gene, LinkageRules.count(expected, gene), amount, copies, flags);
      }
    }
    return call.withCopies(copies).with(flags);
  }

  private static boolean isThereUntyped(LocusCall call, String gene) {
    return call.flags().stream()
        .filter(
            flag ->
                flag.code() == FlagCode.GENE_NOT_TYPED
                    || flag.code() == FlagCode.DEFINING_EXON_WITHOUT_READS)
        .anyMatch(flag -> gene.equals(flag.evidence().get("gene")));
  }

  private void single(
      String gene,
      int expected,
      ToDoubleFunction<String> amount,
      Map<String, Integer> copies,
      List<Flag> flags) {
    double ratio = amount.applyAsDouble(gene) / Math.max(1e-9, amount.applyAsDouble("DRB1"));
    if (expected > 0 && Math.abs(2 * ratio - expected) < tolerance) {
      copies.put(gene, expected);
      return;
    }
    flags.add(
        Flag.of(
            FlagCode.COPY_NUMBER_UNCERTAIN,
            "DRB1 predicts %d copies of %s, but its pairs compared with DRB1's are those of %.1f"
                .formatted(expected, gene, 2 * ratio),
            "gene",
            gene,
            "expected",
            expected,
            "depth_copies",
            2 * ratio,
            "threshold",
            tolerance));
  }
}
