/** Proves a library: every allele of a release, as perfect reads of a panel, is typed as itself. */
package org.gems.typer.check;
