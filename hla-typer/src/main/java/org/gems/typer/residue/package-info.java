/**
 * What is left when the called alleles have explained their pairs: chimeras, pseudogenes, and
 * alleles of somebody else.
 */
package org.gems.typer.residue;
