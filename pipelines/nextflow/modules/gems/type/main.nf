process GEMS_TYPE {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"

    input:
    tuple val(meta), path(reads, stageAs: 'reads/*')
    path library
    path panel

    output:
    tuple val(meta), path("${prefix}"), emit: results
    tuple val(meta), path("${prefix}/samples/${prefix}/typing.json"), emit: typing
    tuple val(meta), path("${prefix}/report.csv"), emit: csv
    tuple val(meta), path("${prefix}/report.html"), emit: html
    tuple val(meta), path("${prefix}/report.hml"), emit: hml, optional: true
    path "${prefix}/report.*_mqc.json", emit: multiqc
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    def library_option = library ? "--library ${library}" : ''
    def panel_option = panel ? "--panel ${panel}" : ''
    def memory_option = task.memory ? "--memory-mb ${(task.memory.toMega() * 0.75).intValue()}" : ''
    """
    gems type \\
        ${reads} \\
        --sample ${prefix} \\
        --output ${prefix} \\
        --threads ${task.cpus} \\
        ${library_option} \\
        ${panel_option} \\
        ${memory_option} \\
        ${args}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        gems: \$(gems --version | sed 's/.*version //')
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir -p ${prefix}/samples/${prefix}
    touch ${prefix}/samples/${prefix}/typing.json ${prefix}/report.csv ${prefix}/report.html ${prefix}/report.hml
    touch ${prefix}/report.calls_mqc.json ${prefix}/report.stats_mqc.json

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        gems: \$(gems --version | sed 's/.*version //')
    END_VERSIONS
    """
}
