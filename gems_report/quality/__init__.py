"""How good a run was, beside what was typed: sequencer, losses, depth, controls, and samples that show each other's alleles."""
