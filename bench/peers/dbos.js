import { DBOS } from '@dbos-inc/dbos-sdk'

/** DBOS under a load of runs: workflows of ten journaled steps. */
export async function openTarget(_load, { address }) {
  const run = await launch(address, registerRuns)
  return { perform: () => run('chain', 10) }
}

/** DBOS under a load of runs of so many steps: one after another, all at once, or all at once but the first and the last. */
export async function openRuns({ shape, steps }, { address }) {
  const run = await launch(address, registerRuns)
  return () => run(shape, steps)
}

let launched

/** DBOS on that database; `register` makes its workflow, which is returned. It is started once in a process. */
export function launch(address, register) {
  launched ??= start(address, register)
  return launched
}

async function start(address, register) {
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: address,
    systemDatabasePoolSize: 20,
    logLevel: 'error',
    runAdminServer: false,
  })
  const workflow = register()
  await DBOS.launch()
  return workflow
}

const registerRuns = () => DBOS.registerWorkflow((shape, steps) => RUNS[shape](steps), { name: 'run' })

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
