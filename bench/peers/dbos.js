import { DBOS } from '@dbos-inc/dbos-sdk'

/** DBOS under a load of runs: workflows of ten journaled steps. */
export async function openTarget(_load, { address }) {
  const run = await launch(address)
  return { perform: () => run('chain', 10) }
}

/** DBOS under a load of runs of so many steps: one after another, all at once, or all at once but the first and the last. */
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

const RUNS = { chain, fan, each }

async function chain(steps) {
  let value = 0
  for (let n = 0; n < steps; n++) value = await DBOS.runStep(async () => value + 1, { name: `step-${n}` })
  return value
}

async function fan(steps) {
  const first = await step(0)
  const others = await Promise.all(Array.from({ length: steps - 2 }, (_, n) => step(n + 1)))
  return first + others.length + (await step(steps - 1))
}

async function each(steps) {
  return (await Promise.all(Array.from({ length: steps }, (_, n) => step(n)))).length
}

const step = (n) => DBOS.runStep(async () => 1, { name: `step-${n}` })
