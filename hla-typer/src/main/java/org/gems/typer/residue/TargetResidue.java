package org.gems.typer.residue;

import java.util.List;
import org.gems.typer.calls.Attribution;

/**
 * What the called alleles leave of one amplicon or exon.
 *
 * @param attribution the pairs and the called sequences
 * @param chimeras pairs that are a crossover of sequences that are there
 * @param foreign the other pairs that the called alleles do not explain
 */
record TargetResidue(Attribution attribution, List<Chimera> chimeras, ForeignPairs foreign) {
  int pairs() {
    return attribution.target().pairs();
  }

  String name() {
    return attribution.name();
  }
}
