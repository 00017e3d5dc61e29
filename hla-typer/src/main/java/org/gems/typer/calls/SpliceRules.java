package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.gems.typer.Bases;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Flags a base at the end of an intron that no called allele has there: without its splice site an
 * allele is hardly expressed, whatever its exons say. Where the release does not state an allele's
 * intron, the reference allele's bases are expected: nearly all introns begin with GT and end with
 * AG. Elsewhere in an intron the same is told of a base that only an allele with a suffix has, one
 * of those that the exons cannot tell from the called one. Three and more places of an allele are
 * one flag, but for those that an allele of the release has.
 */
final class SpliceRules {
  /** Bases at either end of an intron that the message is cut by. */
  private static final int SITE_BP = 2;

  /** Of the release's own alleles with that base so many are named. */
  private static final int NAMED = 5;

  /** So many places of one allele are flags of their own; of more the first is told. */
  private static final int FLAGGED_EACH = 2;

  private static final double HALF = 0.5;

  private final int fewestPairs;
  private final double leastShare;

  SpliceRules(Ruleset ruleset) {
    fewestPairs = ruleset.count(Threshold.NEW_ALLELE_FEWEST_PAIRS);
    leastShare = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_AMPLICON);
  }

  /** A base of an intron's end. */
  private record Site(int feature, int column, int position) {}

  /** A base that no called allele has at a site, and how many of the pairs there show it. */
  private record Finding(Site site, int base, int side, int pairs, int depth) {}

  List<Flag> flags(CalledGene gene, PossibleGenotypes possible) {
    LocusResult result = gene.result();
    List<Site> sites = sites(result.model().table());
    Set<Pileup> pileups = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<Finding> found = new LinkedHashSet<>();
    for (RegionReads region : gene.regions()) {
      if (pileups.add(region.everything())) {
        for (Site site : sites) {
          lookAt(result, region.everything(), site, found);
        }
        for (int side = 0; side < sides(result); side++) {
          ofSuffixed(result, region.everything(), side, possible, found);
        }
      }
    }
    List<Flag> flags = new ArrayList<>();
    for (int s = 0; s < sides(result); s++) {
      int side = s;
      List<Finding> unnamed = new ArrayList<>();
      for (Finding finding : found.stream().filter(f -> f.side() == side).toList()) {
        String same = sameAlleles(result, finding, possible);
        if (same.isEmpty()) {
          unnamed.add(finding);
        } else {
          flags.add(flag(result, finding, 1, same));
        }
      }
      boolean isEachTold = unnamed.size() <= FLAGGED_EACH;
      for (Finding finding : isEachTold ? unnamed : unnamed.subList(0, 1)) {
        flags.add(flag(result, finding, isEachTold ? 1 : unnamed.size(), ""));
      }
    }
    return flags;
  }

  /** The first and last bases of every intron that the release states for its reference allele. */
  private static List<Site> sites(LocusTable table) {
    List<Site> sites = new ArrayList<>();
    for (int f = 0; f < table.features().size(); f++) {
      LocusTable.Feature feature = table.features().get(f);
      if (feature.name().startsWith("intron") && feature.isStated() && !feature.borrowed()) {
        List<Site> own = new ArrayList<>();
        for (int c = 0; c < feature.referenceRow().length; c++) {
          if (feature.referenceRow()[c] != '.') {
            own.add(new Site(f, c, own.size() + 1));
          }
        }
        for (int i = 0; i < own.size(); i++) {
          boolean isEnd = i < SITE_BP || i >= own.size() - SITE_BP;
          boolean isKnown = feature.referenceRow()[own.get(i).column()] != '*';
          if (isEnd && isKnown) {
            sites.add(own.get(i));
          }
        }
      }
    }
    return sites;
  }

  private void lookAt(LocusResult result, Pileup pileup, Site site, Set<Finding> found) {
    LocusTable table = result.model().table();
    int column = table.firstColumn(site.feature()) + site.column();
    int depth = pileup.depth(column);
    for (int base = 0; base < Pileup.BASES; base++) {
      int pairs = pileup.count(column, base);
      boolean isMany = pairs >= fewestPairs && pairs >= leastShare * depth;
      if (isMany && !isExpected(result, site, base)) {
        int side = pileup.ofAllele(column, base, 0) >= HALF * pairs ? 0 : 1;
        found.add(new Finding(site, base, Math.min(side, sides(result) - 1), pairs, depth));
      }
    }
  }

  /**
   * Bases of introns by which the reads show an allele of odd expression and not the called one.
   */
  private void ofSuffixed(
      LocusResult result, Pileup pileup, int side, PossibleGenotypes possible, Set<Finding> found) {
    LocusTable table = result.model().table();
    int called = result.called().classes().get(side).representative();
    for (int other : possible.alleles(side)) {
      boolean isOdd = !table.alleles().get(other).name().suffix().isEmpty() && other != called;
      for (int f = 0; isOdd && f < table.features().size(); f++) {
        boolean isIntron = table.features().get(f).name().startsWith("intron");
        if (isIntron && table.row(f, other) != table.row(f, called)) {
          own(result, pileup, f, side, other, found);
        }
      }
    }
  }

  private void own(
      LocusResult result, Pileup pileup, int feature, int side, int other, Set<Finding> found) {
    LocusTable table = result.model().table();
    byte[] row = table.row(feature, other);
    byte[] reference = table.features().get(feature).referenceRow();
    int position = 0;
    for (int c = 0; c < row.length; c++) {
      position += reference[c] == '.' ? 0 : 1;
      byte base = Bases.code(row[c]);
      Site site = new Site(feature, c, position);
      int column = table.firstColumn(feature) + c;
      boolean isOwn = base < Pileup.BASES && !isExpected(result, site, base);
      int pairs = isOwn ? pileup.count(column, base) : 0;
      if (pairs >= fewestPairs && pairs >= leastShare * pileup.depth(column)) {
        found.add(new Finding(site, base, side, pairs, pileup.depth(column)));
        return;
      }
    }
  }

  private static int sides(LocusResult result) {
    return result.called().classes().size();
  }

  private static boolean isExpected(LocusResult result, Site site, int base) {
    return result.called().classes().stream()
        .anyMatch(side -> expected(result, site, side.representative()) == base);
  }

  /** What an allele has at a site, or the reference where the release does not state it. */
  private static byte expected(LocusResult result, Site site, int allele) {
    LocusTable table = result.model().table();
    byte reference = table.features().get(site.feature()).referenceRow()[site.column()];
    return Bases.code(isStated(table, site, allele) ? stated(table, site, allele) : reference);
  }

  private static boolean isStated(LocusTable table, Site site, int allele) {
    byte stated = stated(table, site, allele);
    return stated != '*' && stated != '.';
  }

  private static byte stated(LocusTable table, Site site, int allele) {
    return table.row(site.feature(), allele)[site.column()];
  }

  /** Alleles of the release that the reads cannot tell from the called one and that have this. */
  private static String sameAlleles(
      LocusResult result, Finding finding, PossibleGenotypes possible) {
    LocusTable table = result.model().table();
    char found = "ACGTN".charAt(finding.base());
    return possible.alleles(finding.side()).stream()
        .filter(a -> stated(table, finding.site(), a) == found)
        .limit(NAMED)
        .map(a -> table.alleles().get(a).name().text())
        .collect(Collectors.joining(", "));
  }

  private static Flag flag(LocusResult result, Finding finding, int places, String same) {
    LocusTable table = result.model().table();
    Site site = finding.site();
    int called = result.called().classes().get(finding.side()).representative();
    String allele = table.alleles().get(called).name().text();
    String feature = table.features().get(site.feature()).name();
    char old = "ACGTN".charAt(expected(result, site, called));
    char found = "ACGTN".charAt(finding.base());
    String whose =
        isStated(table, site, called)
            ? allele + " has " + old
            : "alleles of the gene have %s (the release does not state it of %s)"
                .formatted(old, allele);
    return Flag.of(
        FlagCode.POSSIBLE_NULL,
        "%d of %d pairs have %s at base %d of %s, where %s%s: it may be spliced wrongly, and not be expressed%s"
            .formatted(
                finding.pairs(),
                finding.depth(),
                found,
                site.position(),
                feature,
                whose,
                places == 1 ? "" : ", and likewise at %d other places".formatted(places - 1),
                same.isEmpty() ? "" : ", as in " + same),
        "allele",
        allele,
        "gene",
        result.gene(),
        "feature",
        feature,
        "position",
        site.position(),
        "old_base",
        String.valueOf(old),
        "new_base",
        String.valueOf(found),
        "pairs",
        finding.pairs(),
        "share",
        (double) finding.pairs() / finding.depth(),
        "alleles",
        same,
        "places",
        places);
  }
}
