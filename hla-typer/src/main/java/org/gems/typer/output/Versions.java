package org.gems.typer.output;

/**
 * What made a result.
 *
 * @param typer the typer's version
 * @param typerCommit the commit it was built from, or {@code unknown}
 * @param jarSha256 of the running jar, or {@code unknown} where it runs from classes
 */
public record Versions(
    String typer,
    String typerCommit,
    String jarSha256,
    String referenceRelease,
    String referenceSha256,
    String panelSha256,
    String primerMaskVersion,
    String ruleset) {}
