// A process to be killed: starts runs whose effects hang, and says when all of them do.
import { writeSync } from 'node:fs'
import { RUNS, startHanging } from './recovery.ts'

await startHanging(process.argv[2]!, (engine) => {
  const runs = Array.from({ length: RUNS }, (_, n) => `run${n}`)
  return Promise.all(runs.map((id) => engine.tell({ kind: 'run', key: id }, { type: 'start' }, { id })))
})
writeSync(1, 'all hang\n')
setInterval(() => {}, 1000)
