// Judges requests to IAM by @cloud-copilot/iam-simulate: a JSON list of its simulations comes in, one of verdicts goes out.
import { readFileSync } from 'node:fs'
import { runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const ALLOWED = 'Allowed'

async function judge(simulation) {
  const run = await runSimulation(simulation, {})
  if (run.errors?.message === 'no.resource.types') {
    // AWS's list of actions, which it looks into, knows no such resource of the action: judged without the list.
    return { allowed: runUnsafeSimulation(simulation, {}) === ALLOWED, unknown: ['resource'] }
  }
  if (run.errors) throw new Error(`${JSON.stringify(run.errors)} of ${JSON.stringify(simulation.request)}`)
  return { allowed: run.overallResult === ALLOWED, unknown: run.result.ignoredContextKeys }
}

const verdicts = []
for (const simulation of JSON.parse(readFileSync(0, 'utf8'))) verdicts.push(await judge(simulation))
process.stdout.write(JSON.stringify(verdicts))
