import type { Case } from './case.ts'
import { asking } from './table/asking.ts'
import { ends } from './table/ends.ts'
import { failure } from './table/failure.ts'
import { loops } from './table/loops.ts'
import { models } from './table/models.ts'
import { plain } from './table/plain.ts'

/** Every kind of step and loop, in pipelines that are killed at every instant. */
export const TABLE: readonly Case[] = [...plain, ...failure, ...loops, ...asking, ...ends, ...models].map(signed)

/** Those that processes are killed in: the limit of a question to the chain is over in a moment there, and `flush.test.ts` kills one. */
export const REAL: readonly Case[] = TABLE.filter(({ name }) => name !== 'question')

/** Its tools say whose calls they are. */
function signed(one: Case): Case {
  return { ...one, yaml: one.yaml.replaceAll('parameters: { v:', `parameters: { of: ${one.name}, v:`) }
}
