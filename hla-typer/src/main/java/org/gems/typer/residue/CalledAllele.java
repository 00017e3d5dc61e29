package org.gems.typer.residue;

/**
 * An allele of a gene.
 *
 * @param index in the gene's table
 * @param name as results write it
 */
record CalledAllele(int index, String name) {}
