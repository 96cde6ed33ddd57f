import { openConnection } from '../../src/memory/store/connection.ts'
import { openOwner } from '../../src/memory/store/owners.ts'
import { beginImport, dropImport, finishImport, stageImport } from '../../src/memory/store/transfer/import-rows.ts'
import { transferOf } from '../../src/memory/transfer/transfer.ts'
import { killing } from './killing.ts'

/** Imports, and kills itself at a moment of one of its transactions. Prints what is acknowledged. */
const [path, moment, at] = process.argv.slice(2) as [string, 'before' | 'inside' | 'after', string]
const { connection, count } = killing(openConnection(path, 'write'), moment, Number(at))
const owner = openOwner(connection, 'ada')
const store = {
  startExport: async () => undefined,
  exportPage: async () => ({ text: '', after: 0 }),
  beginImport: async (id: string | undefined) => beginImport(connection, owner, id, 2000),
  stageImport: async (portion: Parameters<typeof stageImport>[2]) => stageImport(connection, owner, portion),
  finishImport: async (end: Parameters<typeof finishImport>[2]) => finishImport(connection, owner, end, 2000),
  dropImport: async (staging: string) => dropImport(connection, owner, staging),
  erase: async () => {},
}
async function* lines() {
  yield '{"format":"antiphon-memory/1","exportedAt":1000}'
  for (let place = 0; place < 700; place++) yield `\n{"id":"r${place}","text":"Xylographic ${place}","learnedAt":1000}`
}
const { added } = await transferOf(store, () => 2000).import(lines(), { id: 'one' })
process.stdout.write(`${added} after ${count()}`)
