// An example: type the samples of a sheet (CSV: sample,r1,r2), then make one report of all.
//
//   nextflow run main.nf --input samples.csv --library LIBRARY [--panel panel.tsv]
include { GEMS_TYPE } from './modules/gems/type/main'
include { GEMS_REPORT } from './modules/gems/report/main'

params.input = null
params.library = []
params.panel = []
params.run = 'run'

workflow {
    samples = Channel.fromPath(params.input, checkIfExists: true)
        .splitCsv(header: true)
        .map { row -> [[id: row.sample], [row.r1, row.r2].findAll { it }.collect { file(it, checkIfExists: true) }] }
    library = params.library ? file(params.library, checkIfExists: true) : []
    panel = params.panel ? file(params.panel, checkIfExists: true) : []
    GEMS_TYPE(samples, library, panel)
    GEMS_REPORT(GEMS_TYPE.out.results.map { _meta, results -> results }.collect().map { [[id: params.run], it] })
}
