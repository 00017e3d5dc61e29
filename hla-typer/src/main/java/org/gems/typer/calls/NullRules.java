package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.library.LocusTable;

/**
 * Flags changes of a called allele by which it may not be expressed: any of its start or stop
 * codon, and insertions and deletions of its splice sites. Single bases of these are looked for by
 * {@link SpliceRules}.
 */
final class NullRules {
  private static final int CODON_BP = 3;
  private static final String START = "ATG";
  private static final Set<String> STOPS = Set.of("TAA", "TAG", "TGA");

  private NullRules() {}

  /** The coding bases of an allele, and where its exons begin in them. */
  private record Message(String bases, int[] starts) {
    static Message of(LocusTable table, int allele) {
      StringBuilder bases = new StringBuilder();
      int[] starts = new int[table.features().size()];
      for (int f = 0; f < starts.length; f++) {
        starts[f] = bases.length();
        if (table.features().get(f).isExon()) {
          bases.append(text(table, f, allele));
        }
      }
      return new Message(bases.toString(), starts);
    }

    /** Where the first stop codon begins; -1 where none is stated. */
    int stop() {
      for (int at = 0; at + CODON_BP <= bases.length(); at += CODON_BP) {
        if (STOPS.contains(bases.substring(at, at + CODON_BP))) {
          return at;
        }
      }
      return -1;
    }
  }

  private static String text(LocusTable table, int feature, int allele) {
    StringBuilder text = new StringBuilder();
    for (byte symbol : table.row(feature, allele)) {
      if (symbol != '.') {
        text.append((char) symbol);
      }
    }
    return text.toString();
  }

  /** A flag for each such change. */
  static List<Flag> flags(CalledGene gene) {
    LocusResult result = gene.result();
    LocusTable table = result.model().table();
    List<Flag> flags = new ArrayList<>();
    for (Variant variant : gene.variants()) {
      int allele = table.indexOfAllele(variant.nearest());
      for (Change change : variant.changes()) {
        boolean isPlaced = allele >= 0 && table.indexOf(change.feature()) >= 0;
        String lost = isPlaced ? lost(table, allele, change) : "";
        if (!lost.isEmpty()) {
          flags.add(flag(variant, change, lost));
        }
      }
    }
    return flags.stream().distinct().toList();
  }

  /** What a change takes away that a product needs; empty where it takes nothing. */
  static String lost(LocusTable table, int allele, Change change) {
    int feature = table.indexOf(change.feature());
    if (table.features().get(feature).isExon()) {
      return ofExon(table, allele, feature, change);
    }
    int bases = text(table, feature, allele).length();
    boolean isIntron = change.feature().startsWith("intron");
    boolean isSite =
        touches(change, change.position(), 1, 2)
            || touches(change, change.position(), bases - 1, bases);
    return isIntron && isGap(change) && isSite ? "splice site" : "";
  }

  private static String ofExon(LocusTable table, int allele, int feature, Change change) {
    Message message = Message.of(table, allele);
    int at = message.starts()[feature] + change.position();
    if (message.bases().startsWith(START) && touches(change, at, 1, CODON_BP)) {
      return "start codon";
    }
    int stop = message.stop() + 1;
    if (stop > 0 && touches(change, at, stop, stop + CODON_BP - 1)) {
      return isStillStop(message, stop, at, change) ? "" : "stop codon";
    }
    int bases = text(table, feature, allele).length();
    boolean isIntoIntron = missing(change) > 0 && change.position() + missing(change) - 1 > bases;
    boolean hasIntron =
        feature + 1 < table.features().size()
            && table.features().get(feature + 1).name().startsWith("intron");
    return isIntoIntron && hasIntron ? "splice site" : "";
  }

  private static boolean isStillStop(Message message, int stop, int at, Change change) {
    if (isGap(change)) {
      return false;
    }
    StringBuilder codon =
        new StringBuilder(message.bases().substring(stop - 1, stop - 1 + CODON_BP));
    codon.replace(at - stop, at - stop + 1, change.newBase());
    return STOPS.contains(codon.toString());
  }

  private static boolean isGap(Change change) {
    return change.oldBase().equals(Change.NOTHING) || change.newBase().equals(Change.NOTHING);
  }

  private static int missing(Change change) {
    return change.oldBase().equals(Change.NOTHING) ? 0 : change.oldBase().length();
  }

  /**
   * Whether a change takes one of some bases, or stands between two of them.
   *
   * @param at place of the change in the same count, from 1
   */
  private static boolean touches(Change change, int at, int first, int last) {
    int missing = missing(change);
    return missing == 0 ? at > first && at <= last : at <= last && at + missing - 1 >= first;
  }

  private static Flag flag(Variant variant, Change change, String lost) {
    return Flag.of(
        FlagCode.POSSIBLE_NULL,
        "%d pairs change the %s of %s (%s %d%s>%s): it may not be expressed"
            .formatted(
                variant.pairs(),
                lost,
                variant.nearest(),
                change.feature(),
                change.position(),
                change.oldBase(),
                change.newBase()),
        "allele",
        variant.nearest(),
        "gene",
        variant.locus(),
        "feature",
        change.feature(),
        "position",
        change.position(),
        "old_base",
        change.oldBase(),
        "new_base",
        change.newBase(),
        "pairs",
        variant.pairs(),
        "share",
        variant.share(),
        "alleles",
        "",
        "places",
        1);
  }
}
