package org.gems.typer.evidence;

import java.util.List;
import org.gems.typer.BadInputException;
import org.gems.typer.haplotype.AmpliconLocator;
import org.gems.typer.ruleset.Ruleset;

/** Whether a panel and a library belong together. */
public final class PanelFit {
  private PanelFit() {}

  /**
   * Insists that some primers lie where the panel says. A single primer may well be another one
   * than the reference allele's bases; all of them are not.
   *
   * @param file the panel as the user named it
   * @throws BadInputException where no amplicon's primers are found in the genes asked for
   */
  public static void require(Catalog catalog, Ruleset ruleset, String file) {
    AmpliconLocator locator = new AmpliconLocator(ruleset);
    List<Product> own = catalog.products().stream().filter(p -> !p.isDecoy()).toList();
    boolean fits = own.stream().anyMatch(p -> locator.findsPrimers(p.table(), p.row()));
    if (!own.isEmpty() && !fits) {
      throw new BadInputException(
          file,
          0,
          "primers that lie in the library's genes near the offsets",
          "none of %d amplicons' primers there".formatted(own.size()),
          "check that the offsets count the library's genes and the primers are the kit's");
    }
  }
}
