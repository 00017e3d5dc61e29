package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;

/** One flag for each base that no allele of the release explains, whatever amplicons show it. */
final class NewAlleleFlags {
  private NewAlleleFlags() {}

  /** The flags of a gene's variants, in the order of their places. */
  static List<Flag> of(List<Variant> variants) {
    Map<String, List<Variant>> byChange = new TreeMap<>();
    Map<String, Change> changes = new TreeMap<>();
    for (Variant variant : variants) {
      for (Change change : variant.changes()) {
        String amplicon = change.feature().isEmpty() ? variant.amplicon() + " " : "";
        String key = variant.locus() + " " + amplicon + change.text();
        byChange.computeIfAbsent(key, k -> new ArrayList<>()).add(variant);
        changes.put(key, change);
      }
    }
    return byChange.entrySet().stream()
        .map(entry -> flag(changes.get(entry.getKey()), entry.getValue()))
        .toList();
  }

  /** The amplicon with the greatest share tells best which allele is changed. */
  private static Flag flag(Change change, List<Variant> seen) {
    Variant best = seen.get(0);
    for (Variant variant : seen) {
      best = variant.share() > best.share() ? variant : best;
    }
    String amplicons =
        seen.stream().map(Variant::amplicon).distinct().collect(Collectors.joining(", "));
    int pairs = seen.stream().mapToInt(Variant::pairs).sum();
    Map<String, Object> evidence =
        Flag.evidenceOf(
            "allele", best.nearest(), "amplicon", amplicons, "gene", best.locus(), "pairs", pairs);
    evidence.put("changes", change.text());
    evidence.put("feature", change.feature());
    evidence.put("position", change.position());
    evidence.put("old_base", change.oldBase());
    evidence.put("new_base", change.newBase());
    evidence.put("share", best.share());
    return new Flag(
        FlagCode.POSSIBLE_NEW_ALLELE,
        "%d pairs of %s match %s except for %s"
            .formatted(pairs, amplicons, best.nearest(), change.text()),
        evidence);
  }
}
