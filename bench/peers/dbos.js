import { DBOS } from '@dbos-inc/dbos-sdk'

/** DBOS under a load of runs: workflows of ten journaled steps. */
export async function openTarget(_load, { address }) {
  const run = await launch(address)
  return { perform: () => run('chain', 10) }
}

/** DBOS under a load of runs of so many steps, one after another or all at once. */
export async function openRuns({ shape, steps }, { address }) {
  const run = await launch(address)
  return () => run(shape, steps)
}

let launched

function launch(address) {
  launched ??= start(address)
  return launched
}

async function start(address) {
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: address,
    systemDatabasePoolSize: 20,
    logLevel: 'error',
    runAdminServer: false,
  })
  const run = DBOS.registerWorkflow((shape, steps) => RUNS[shape](steps), { name: 'run' })
  await DBOS.launch()
  return run
}

const RUNS = { chain, fan }

async function chain(steps) {
  let value = 0
  for (let n = 0; n < steps; n++) value = await DBOS.runStep(async () => value + 1, { name: `step-${n}` })
  return value
}

async function fan(steps) {
  const ends = Array.from({ length: steps }, (_, n) => DBOS.runStep(async () => 1, { name: `step-${n}` }))
  return (await Promise.all(ends)).length
}
