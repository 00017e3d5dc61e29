package org.gems.typer.testing;

/**
 * Makes the reads of a person's alleles as one way of typing takes them: both amplicons of each, or
 * fragments of whole genes of about that depth.
 */
public final class Donor {
  /**
   * So many fragments of a whole gene lie over its exons as one pair lies over each, on average.
   */
  private static final int FRAGMENTS = 2;

  private static final String[] WHOLE = SyntheticWorld.FEATURES.toArray(String[]::new);

  private final Way way;
  private final SyntheticWorld world;
  private final ShotgunReads scattered;
  private final Reads reads;

  Donor(Way way, SyntheticWorld world, long seed) {
    this.way = way;
    this.world = world;
    this.scattered = new ShotgunReads(world, seed);
    this.reads = way == Way.PANEL ? new Reads(world, seed) : scattered.reads();
  }

  /** Adds an allele at a depth. */
  public Donor allele(String name, int depth) {
    if (way == Way.PANEL) {
      reads.allele(name, depth);
    } else {
      scattered.from(world.bases(name, WHOLE), FRAGMENTS * depth);
    }
    return this;
  }

  /** Adds one exon of an allele, with parts of its neighbours but not the other exon. */
  public Donor exon(String name, int exon, int depth) {
    if (way == Way.PANEL) {
      reads.exon(name, exon, depth);
    } else {
      reads.fragment(world.around(name, exon), depth);
    }
    return this;
  }

  /** Adds pairs that reach from the one exon of an allele to the other. */
  public Donor bridge(String name, int pairs) {
    reads.fragment(world.bridge(name), pairs);
    return this;
  }

  /** The reads, to be written. */
  public Reads reads() {
    return reads;
  }
}
