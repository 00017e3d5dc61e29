package org.gems.typer.evidence;

/**
 * A pair of reads that was made, not sequenced.
 *
 * @param first ASCII bases of the one read, as a sequencer would write it
 * @param second those of its mate
 */
public record MadePair(byte[] first, byte[] second) {}
