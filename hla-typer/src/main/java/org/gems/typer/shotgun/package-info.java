/**
 * Typing without a panel: reads from anywhere in the genes (a genome, an exome, fragmented
 * long-range products) are placed by their k-mers on the columns of the library's alignments.
 */
package org.gems.typer.shotgun;
