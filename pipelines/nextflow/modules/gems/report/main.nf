process GEMS_REPORT {
    tag "$meta.id"
    label 'process_single'

    conda "${moduleDir}/../type/environment.yml"

    input:
    tuple val(meta), path(results, stageAs: 'results/*')

    output:
    tuple val(meta), path("${prefix}/report.*"), emit: reports
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir -p ${prefix}/samples
    for typed in results/*; do cp -RL "\$typed"/samples/. ${prefix}/samples/; done
    gems report build ${prefix} --project ${prefix} ${args}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        gems: \$(gems --version | sed 's/.*version //')
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir -p ${prefix}
    touch ${prefix}/report.html ${prefix}/report.json

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        gems: \$(gems --version | sed 's/.*version //')
    END_VERSIONS
    """
}
