package org.gems.typer.check;

/**
 * An allele that its own reads do not lead to, or that is listed where its bases differ.
 *
 * @param allele its name
 * @param reason what came instead
 */
public record Finding(String allele, String reason) {}
