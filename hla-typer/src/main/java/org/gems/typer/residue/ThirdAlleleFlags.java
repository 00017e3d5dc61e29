package org.gems.typer.residue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.residue.RunComparison.Source;

/** The flag of a gene that has a third allele, with or without the sample that it comes from. */
final class ThirdAlleleFlags {
  private ThirdAlleleFlags() {}

  /** The locus that a gene is reported under. */
  static String locus(String gene) {
    return gene.matches("DRB[345]") ? "DRB345" : gene;
  }

  /** The flag of a sample by itself. */
  static Flag alone(String gene, List<ThirdAllele> thirds) {
    return new Flag(FlagCode.THIRD_ALLELE_SUSPECTED, message(thirds), evidence(gene, thirds));
  }

  /** The flag of a sample that was compared with the others of its run. */
  static Flag compared(String gene, List<ThirdAllele> thirds, Optional<Source> source) {
    Map<String, Object> evidence = evidence(gene, thirds);
    evidence.put("sample", source.map(Source::sample).orElse(""));
    source.ifPresent(
        found -> {
          evidence.put("loci_agreeing", found.genes());
          evidence.put("sample_pairs", found.pairs());
          evidence.put("sample_share", found.share());
        });
    String whose =
        source
            .map(
                s ->
                    "; those of sample %s explain the foreign pairs of %d genes"
                        .formatted(s.sample(), s.genes()))
            .orElse("; no sample of the run has the alleles of all its foreign pairs");
    return new Flag(FlagCode.THIRD_ALLELE_SUSPECTED, message(thirds) + whose, evidence);
  }

  private static String message(List<ThirdAllele> thirds) {
    int pairs = thirds.stream().mapToInt(ThirdAllele::pairs).sum();
    return "%d pairs that neither called allele nor a chimera explains look like %s"
        .formatted(pairs, names(thirds));
  }

  private static Map<String, Object> evidence(String gene, List<ThirdAllele> thirds) {
    Map<String, Object> evidence = new TreeMap<>();
    evidence.put("gene", gene);
    evidence.put("allele", names(thirds));
    evidence.put("share", thirds.stream().mapToDouble(ThirdAllele::share).sum());
    evidence.put("pairs", thirds.stream().mapToInt(ThirdAllele::pairs).sum());
    evidence.put("amplicons", thirds.stream().mapToInt(ThirdAllele::amplicons).max().orElse(0));
    return evidence;
  }

  private static String names(List<ThirdAllele> thirds) {
    return thirds.stream().map(third -> third.allele().name()).collect(Collectors.joining(" + "));
  }
}
