import type { ToolRequest } from '../../../src/calls/room/port.ts'
import { type Case, isPipeline } from './case.ts'
import { asking } from './table/asking.ts'
import { calls } from './table/calls.ts'
import { disk } from './table/disk.ts'
import { ends } from './table/ends.ts'
import { failure } from './table/failure.ts'
import { given } from './table/given.ts'
import { loops } from './table/loops.ts'
import { models } from './table/models.ts'
import { money } from './table/money.ts'
import { plain } from './table/plain.ts'
import { spelled } from './table/spelled.ts'

/** Every kind of step and loop, in pipelines that are killed at every instant. */
export const TABLE: readonly Case[] = [
  ...[...plain, ...failure, ...loops, ...asking, ...ends, ...models],
  ...[...disk, ...given, ...money, ...spelled, ...calls],
].map(signed)

/** Those that processes are killed in. */
export const REAL: readonly Case[] = TABLE.filter(({ simulated }) => simulated === undefined)

/** Its tools say whose calls they are. */
function signed(one: Case): Case {
  if (!isPipeline(one)) return { ...one, requests: one.requests.map((call) => withSign(call, one.name)) }
  return { ...one, yaml: one.yaml.replaceAll('parameters: { v:', `parameters: { of: ${one.name}, v:`) }
}

function withSign(call: ToolRequest, of: string): ToolRequest {
  return { ...call, parameters: { of, ...call.parameters } }
}
