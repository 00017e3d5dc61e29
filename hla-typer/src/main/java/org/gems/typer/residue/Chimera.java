package org.gems.typer.residue;

/**
 * A pair that begins as one sequence and goes on as another.
 *
 * @param from the least number of bases after the forward primer that are the first's
 * @param to the greatest number
 */
record Chimera(Parentage parents, int from, int to) {}
