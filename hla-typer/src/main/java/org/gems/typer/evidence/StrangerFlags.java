package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gems.typer.Bases;
import org.gems.typer.calls.Attribution;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.calls.Variant;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.genotype.Place;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Flags a gene of which many pairs are like no allele: with one insertion or deletion in a called
 * allele where that explains them, else as a sequence that nothing explains. Such pairs have no say
 * in the call, which may lack their allele.
 */
final class StrangerFlags {
  private final Catalog catalog;
  private final SampleEvidence evidence;
  private final List<Variant> strangers;
  private final SequencePlaces places;
  private final QualityModel qualities;
  private final double leastShare;
  private final double tolerated;

  /**
   * @param strangers sequences that recur among pairs which nothing explains
   */
  StrangerFlags(
      Catalog catalog,
      Ruleset ruleset,
      SequencePlaces places,
      SampleEvidence evidence,
      List<Variant> strangers) {
    this.catalog = catalog;
    this.evidence = evidence;
    this.strangers = List.copyOf(strangers);
    this.places = places;
    this.qualities = new QualityModel(ruleset.get(Threshold.BASE_ERROR_FLOOR));
    this.leastShare = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_AMPLICON);
    this.tolerated = ruleset.get(Threshold.EXPLAINED_MARGIN_LN);
  }

  /** A gap in a called allele's sequence. */
  private record Found(Product product, int allele, byte[] sequence, Gap gap) {}

  /** The flags of a gene's call. */
  List<Flag> of(CalledGene called) {
    String gene = called.gene();
    List<Flag> flags = new ArrayList<>();
    for (Variant stranger : strangers) {
      if (stranger.locus().equals(gene)) {
        boolean whole = stranger.sequence().indexOf('N') < 0;
        Optional<Found> found = whole ? found(stranger, called) : Optional.empty();
        Optional<Flag> flag =
            found.isPresent() ? newAllele(found.get(), gene) : unexplained(stranger);
        flag.filter(f -> !flags.contains(f)).ifPresent(flags::add);
      }
    }
    return flags;
  }

  private static Optional<Found> found(Variant stranger, CalledGene called) {
    Found best = null;
    for (Attribution target : called.targets()) {
      Amplicon amplicon = (Amplicon) target.target();
      for (int side = 0; side < target.sides() && isOf(stranger, target, side); side++) {
        byte[] sequence = amplicon.sequence(target.option(side));
        Optional<Gap> gap = Gap.between(Bases.text(sequence), stranger.sequence());
        boolean smaller =
            gap.isPresent() && (best == null || gap.get().bases() < best.gap().bases());
        if (smaller) {
          best = new Found(amplicon.product(), target.allele(side), sequence, gap.get());
        }
      }
    }
    return Optional.ofNullable(best);
  }

  private static boolean isOf(Variant stranger, Attribution target, int side) {
    return target.name().equals(stranger.amplicon()) && target.option(side) >= 0;
  }

  /** Slips of the polymerase are gaps too: an allele's has the share of a copy. */
  private Optional<Flag> newAllele(Found found, String gene) {
    int product = catalog.products().indexOf(found.product());
    byte[] changed = Bases.codes(found.gap().applied(Bases.text(found.sequence())));
    PairStore store = evidence.unexplained(product);
    int pairs = 0;
    for (int p = 0; p < store.size(); p++) {
      pairs += penalty(store, p, changed) <= tolerated ? 1 : 0;
    }
    double share = (double) pairs / (store.size() + evidence.store(product).size());
    return share < leastShare ? Optional.empty() : Optional.of(flag(found, gene, pairs, share));
  }

  private double penalty(PairStore store, int pair, byte[] sequence) {
    double sum = 0;
    for (int i = 0; i < Math.min(sequence.length, store.leftLength(pair)); i++) {
      byte packed = store.data()[store.leftStart(pair) + i];
      sum += penalty(packed, PackedRead.base(packed), sequence[i]);
    }
    for (int i = 0; i < Math.min(sequence.length, store.rightLength(pair)); i++) {
      byte packed = store.data()[store.rightStart(pair) + i];
      sum += penalty(packed, 3 - PackedRead.base(packed), sequence[sequence.length - 1 - i]);
    }
    return sum;
  }

  private double penalty(byte packed, int base, byte expected) {
    return base == expected ? 0 : qualities.penalty(PackedRead.quality(packed));
  }

  private Flag flag(Found found, String gene, int pairs, double share) {
    Gap gap = found.gap();
    String allele = found.product().table().alleles().get(found.allele()).name().text();
    String oldBase = gap.deleted().isEmpty() ? "." : gap.deleted();
    String newBase = gap.inserted().isEmpty() ? "." : gap.inserted();
    List<Place> bases = places.nearest(found.product(), found.allele(), found.sequence());
    Place place = bases.get(Math.min(gap.index(), bases.size() - 1));
    String feature = found.product().table().features().get(place.feature()).name();
    String change = "%s %d%s>%s".formatted(feature, place.position(), oldBase, newBase);
    String amplicon = found.product().row().amplicon();
    Map<String, Object> about =
        Flag.evidenceOf("allele", allele, "amplicon", amplicon, "gene", gene, "pairs", pairs);
    about.put("changes", change);
    about.put("feature", feature);
    about.put("position", place.position());
    about.put("old_base", oldBase);
    about.put("new_base", newBase);
    about.put("share", share);
    String message = "%d pairs of %s are like %s but for %s";
    return new Flag(
        FlagCode.POSSIBLE_NEW_ALLELE, message.formatted(pairs, amplicon, allele, change), about);
  }

  private Optional<Flag> unexplained(Variant stranger) {
    if (stranger.share() < leastShare) {
      return Optional.empty();
    }
    return Optional.of(
        Flag.of(
            FlagCode.UNEXPLAINED_SEQUENCE,
            "%d pairs of %s are of a sequence that no allele explains"
                .formatted(stranger.pairs(), stranger.amplicon()),
            "amplicon",
            stranger.amplicon(),
            "gene",
            stranger.locus(),
            "pairs",
            stranger.pairs(),
            "share",
            stranger.share(),
            "threshold",
            leastShare));
  }
}
