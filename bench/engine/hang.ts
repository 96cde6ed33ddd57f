// A process to be killed: starts runs whose effects hang, and answers with its process id when all of them do.
import { answer } from '../children.ts'
import { RUNS, startHanging } from './recovery.ts'

answer(async ({ folder }: { readonly folder: string }) => {
  await startHanging(folder, (engine) => {
    const ids = Array.from({ length: RUNS }, (_, n) => `run${n}`)
    return Promise.all(ids.map((id) => engine.tell({ kind: 'run', key: id }, { type: 'start' }, { id })))
  })
  return process.pid
})
