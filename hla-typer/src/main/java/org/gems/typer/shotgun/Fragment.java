package org.gems.typer.shotgun;

import java.util.List;

/**
 * A pair that one gene explains best.
 *
 * @param reads its reads that lie on the gene, one or two
 */
record Fragment(List<Alignment> reads) {}
