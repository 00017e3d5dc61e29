# Rules for Snakemake 8 and 9: each sample is typed by itself, then one report is made of all.
#
#   include: "gems.smk"                    # in your Snakefile
#   rule all:
#       input: "gems/run/report.html"
#
# config["gems"] takes:
#   samples   sample name to its files: {r1: ..., r2: ...}; without r2 the reads are single ones
#   options   more options of `gems type`, such as "--panel none --library /data/library"
#   folder    where results go (gems)
GEMS = config.get("gems", {})
GEMS_SAMPLES = GEMS.get("samples", {})
GEMS_FOLDER = GEMS.get("folder", "gems")


wildcard_constraints:
    gems_sample="[A-Za-z0-9][A-Za-z0-9._-]*",


def gems_reads(wildcards):
    """R1, and R2 where there is one."""
    files = GEMS_SAMPLES[wildcards.gems_sample]
    return [files[read] for read in ("r1", "r2") if files.get(read)]


rule gems_type:
    input:
        gems_reads,
    output:
        directory(GEMS_FOLDER + "/samples/{gems_sample}"),
    log:
        GEMS_FOLDER + "/logs/{gems_sample}.log",
    params:
        options=GEMS.get("options", ""),
    threads: 2
    resources:
        mem_mb=2000,
    shell:
        "gems type {input:q} --sample {wildcards.gems_sample:q} -o {output:q} --threads {threads}"
        " --memory-mb $(({resources.mem_mb} * 3 / 4)) {params.options} > {log:q} 2>&1"


rule gems_report:
    input:
        expand(GEMS_FOLDER + "/samples/{gems_sample}", gems_sample=GEMS_SAMPLES),
    output:
        html=GEMS_FOLDER + "/run/report.html",
        json=GEMS_FOLDER + "/run/report.json",
        csv=GEMS_FOLDER + "/run/report.csv",
    log:
        GEMS_FOLDER + "/logs/report.log",
    params:
        folder=GEMS_FOLDER + "/run",
    shell:
        "(rm -rf {params.folder:q}/samples && mkdir -p {params.folder:q}/samples"
        " && for typed in {input:q}; do cp -R \"$typed\"/samples/. {params.folder:q}/samples/; done"
        " && gems report build {params.folder:q}) > {log:q} 2>&1"
