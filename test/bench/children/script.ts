// A child that does what it is told, also wrong things.
import { writeFileSync } from 'node:fs'
import { answer } from '../../../bench/children.ts'

type Order = { readonly say?: number; readonly fail?: string; readonly crash?: string; readonly note?: string }

let noted: string | undefined

answer(
  async ({ say, fail, crash, note }: Order) => {
    noted = note ?? noted
    if (fail !== undefined) throw new Error(fail)
    if (crash !== undefined) setImmediate(() => crashWith(crash))
    if (say === undefined && note === undefined) return new Promise(() => {})
    return say ?? process.pid
  },
  async () => {
    if (noted !== undefined) writeFileSync(noted, 'left')
  },
)

function crashWith(message: string): never {
  throw new TypeError(message)
}
